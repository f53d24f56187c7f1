variable "names" { type = set(string) }
resource "terraform_data" "zone" {
  for_each = var.names
  input    = each.key
}
