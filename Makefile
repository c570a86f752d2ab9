GO      = go
GOFLAGS = -trimpath -buildvcs=false
TAGS    = urfave_cli_no_docs
BUILD   = CGO_ENABLED=0 $(GO) build $(GOFLAGS) -tags $(TAGS) -ldflags '-s -w'

all: syn3d

syn3d: FORCE
	$(BUILD) -o $@ .

FORCE:
.PHONY: all FORCE
