GO      = go
GOFLAGS = -trimpath -buildvcs=false
TAGS    = urfave_cli_no_docs
BUILD   = CGO_ENABLED=0 $(GO) build $(GOFLAGS) -tags $(TAGS) -ldflags '-s -w'

all: syn3d syn3d.list

syn3d: FORCE
	$(BUILD) -o $@ .

# The names, for install.sh. They are told by a program for this machine, as
# syn3d may be for another: GOOS and GOARCH count for syn3d only.
syn3d.list: FORCE
	CGO_ENABLED=0 GOOS=$$($(GO) env GOHOSTOS) GOARCH=$$($(GO) env GOHOSTARCH) \
	$(GO) run $(GOFLAGS) -tags $(TAGS) . --list >$@

FORCE:
.PHONY: all FORCE
.DELETE_ON_ERROR:
