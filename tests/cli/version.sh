varlock --version
