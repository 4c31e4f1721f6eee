module docket

go 1.18
