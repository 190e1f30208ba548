"""The server: configuration, wiring, HTTP, the command line. The only place that names concrete classes."""
