"""What every suite uses: measuring programs, and reports of tables and charts."""
