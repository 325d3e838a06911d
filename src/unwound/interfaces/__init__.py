"""The doors: each command reads what is asked, calls one public function, prints or writes what it gives back."""
