"""`python -m devops_mlops_report`, the same as the command `devops-mlops-report`."""

from .report.commands import main

if __name__ == "__main__":
    main()
