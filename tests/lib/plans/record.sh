#!/bin/sh
# Records creates.json, changes.json and nothing.json anew with the terraform that is installed:
# before.tf in an empty place, after.tf on top of it, and after.tf once more.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cp -r "$here/net" "$place"
cd "$place"

plan() {
  cp "$here/$1.tf" main.tf
  terraform plan -out=plan > /dev/null
  terraform show -json plan > "$here/$2.json"
}

cp "$here/before.tf" main.tf
terraform init > /dev/null
plan before creates
terraform apply plan > /dev/null
terraform taint terraform_data.tainted > /dev/null
plan after changes
# Without what cannot be applied: nobody has the state that is read.
sed -i '/^data "terraform_remote_state"/,/^}/d' main.tf
terraform apply -auto-approve > /dev/null
terraform plan -out=plan > /dev/null
terraform show -json plan > "$here/nothing.json"
