variable "token" {
  type      = string
  sensitive = true
  default   = "s3cr3t-after"
}
resource "terraform_data" "kept" { input = "same" }
resource "terraform_data" "changed" {
  input = { size = 2, zones = ["a", "c"], note = "one\n2\nthree\n" }
}
resource "terraform_data" "replaced" {
  input            = "v2"
  triggers_replace = ["v2"]
}
resource "terraform_data" "new_name" { input = "moved" }
moved {
  from = terraform_data.old_name
  to   = terraform_data.new_name
}
resource "terraform_data" "new_changed" { input = "moved, and changed" }
moved {
  from = terraform_data.old_changed
  to   = terraform_data.new_changed
}
resource "terraform_data" "tainted" {
  input = "soon broken"
  lifecycle { create_before_destroy = true }
}
removed {
  from = terraform_data.forgotten
  lifecycle { destroy = false }
}
resource "terraform_data" "secret" { input = { token = var.token, user = "eve" } }
resource "terraform_data" "created" { input = { of = terraform_data.replaced.id, tags = { a = "1" } } }
resource "terraform_data" "imported" { input = "adopted" }
import {
  to = terraform_data.imported
  id = "4f9c1b1e"
}
data "terraform_remote_state" "later" {
  backend = "local"
  config  = { path = "/nowhere/${terraform_data.created.id}" }
}
module "net" {
  source = "./net"
  names  = ["eu", "ap"]
}
output "kept" { value = "same" }
output "region" { value = "us" }
output "new" { value = terraform_data.created.id }
output "token" {
  value     = var.token
  sensitive = true
}
