"""What every other room stands on: errors, files, devices, members found by name, statistics."""
