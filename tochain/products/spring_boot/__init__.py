"""Spring Boot: its embedded server, and the pools and clients an application is given by its properties."""
