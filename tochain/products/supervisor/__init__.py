"""Supervisor: programs a supervisord starts and stops on one host or in one container."""
