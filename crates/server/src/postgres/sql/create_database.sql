-- server.postgres.create_database
CREATE DATABASE writ;
