-- server.postgres.data_directory
-- Which cluster answers here, and since when.
SELECT current_setting('data_directory');
