"""The extraction as an Excel workbook: rows of outcomes.csv with their arms side by side."""
