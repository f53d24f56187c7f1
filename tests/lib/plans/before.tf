variable "token" {
  type      = string
  sensitive = true
  default   = "s3cr3t-before"
}
resource "terraform_data" "kept" { input = "same" }
resource "terraform_data" "changed" {
  input = { size = 1, zones = ["a", "b"], note = "one\ntwo\nthree\n" }
}
resource "terraform_data" "replaced" {
  input            = "v1"
  triggers_replace = ["v1"]
}
resource "terraform_data" "gone" { input = "old" }
resource "terraform_data" "old_name" { input = "moved" }
resource "terraform_data" "old_changed" { input = "moved and changed" }
resource "terraform_data" "forgotten" { input = "left alone" }
resource "terraform_data" "tainted" {
  input = "soon broken"
  lifecycle { create_before_destroy = true }
}
resource "terraform_data" "secret" { input = { token = var.token, user = "ada" } }
module "net" {
  source = "./net"
  names  = ["eu", "us"]
}
output "kept" { value = "same" }
output "region" { value = "eu" }
output "old" { value = "x" }
output "token" {
  value     = var.token
  sensitive = true
}
