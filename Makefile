GO    = go
TAGS  = urfave_cli_no_docs

# Without these two, all works, but a thread of an idle supervisor wakes once a
# minute: see supervisor/sysmon.go.
QUIET = quietruntime
LINK  = -checklinkname=0

BUILD = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -tags $(TAGS),$(QUIET) -ldflags '-s -w $(LINK)'
RUN   = CGO_ENABLED=0 GOOS=$$($(GO) env GOHOSTOS) GOARCH=$$($(GO) env GOHOSTARCH) $(GO) run -tags $(TAGS)
FLAGS = -tags $(TAGS) -count=1 -timeout 30m

STATICCHECK = $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 -tags $(TAGS)
SCRIPTS     = install.sh integration/demo/demo.sh .ci/run \
              integration/initramfs/root/etc/syn3/boot $(wildcard integration/initramfs/root/service/*/*)
FUZZTIME    = 20s
BUSYBOX     = /bin/busybox
IMAGE       = initramfs$(if $(shell command -v xz),.xz,.gz)
CENTRE      = applets/scc/embedded/scc

all: syn3d syn3d.list

# The control centre is a program of its own, which syn3d has as data.
syn3d: $(if $(filter minimal,$(TAGS)),,$(CENTRE)) FORCE
	$(BUILD) -o $@ .

$(CENTRE): FORCE
	$(BUILD) -o $@ ./applets/scc/program

# The names, for install.sh. They are told by a program for this machine, as
# syn3d may be for another: GOOS and GOARCH count for syn3d only.
syn3d.list: FORCE
	$(RUN) . --list >$@

# Without the control centre, and smaller: for firmware.
minimal:
	$(MAKE) TAGS=minimal all

# A system that is nothing but syn3d, busybox and five services, for a kernel to
# start. For another machine, BUSYBOX has to be that machine's too.
initramfs: TAGS = minimal
initramfs:
	$(BUILD) -o initramfs.syn3d .
	$(RUN) ./integration/initramfs -o $(IMAGE) initramfs.syn3d $(BUSYBOX) integration/initramfs/root

install: all
	./install.sh $(INSTALLFLAGS)

# A web server as a service: started, verified, killed, restarted, stopped.
demo: syn3d
	$(BUILD) -o integration/demo/web/web ./integration/demo/web
	integration/demo/demo.sh "$$PWD/syn3d" "$$PWD/integration/demo/web/web"

test: check
	$(GO) test $(FLAGS) ./...
	$(GO) test $(FLAGS) -tags minimal . ./applets/frontend
	CGO_ENABLED=0 $(GO) test -tags $(TAGS),$(QUIET) -ldflags=$(LINK) -count=1 ./supervisor/...
	@if command -v cc >/dev/null; then set -x; CGO_ENABLED=1 $(GO) test -race $(FLAGS) ./protocol ./supervisor ./applets/...; \
	else echo 'make: warning: no race detector without a C compiler'; fi

check:
	@test -z "$$(gofmt -l .)" || { echo 'gofmt would change:'; gofmt -l .; exit 1; }
	$(GO) vet -tags $(TAGS) ./...
	$(GO) vet -tags minimal ./...
	$(STATICCHECK) ./...
	@if command -v shellcheck >/dev/null; then set -x; shellcheck $(SCRIPTS); \
	else echo 'make: warning: no shellcheck, only syntax is checked'; for s in $(SCRIPTS); do sh -n $$s || exit 1; done; fi

# Records what the original prints: only where Debian's daemontools are
# installed.
golden:
	$(GO) test $(FLAGS) ./integration -run GoldenRecord -record

fuzz:
	$(GO) test -fuzz FuzzMachine -fuzztime $(FUZZTIME) ./supervisor
	$(GO) test -fuzz FuzzParseStatus -fuzztime $(FUZZTIME) ./protocol
	$(GO) test -fuzz FuzzParseDetail -fuzztime $(FUZZTIME) ./protocol
	$(GO) test -fuzz FuzzLabel -fuzztime $(FUZZTIME) ./protocol
	$(GO) test -fuzz FuzzParseLabel -fuzztime $(FUZZTIME) ./protocol
	$(GO) test -fuzz FuzzInotifyEvents -fuzztime $(FUZZTIME) ./protocol
	$(GO) test -fuzz FuzzTai64nlocal -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzGetopt -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzParseSoftLimit -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzEnvironmentEntry -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzFindAccount -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzScroll -fuzztime $(FUZZTIME) ./applets
	$(GO) test -fuzz FuzzParseAccounts -fuzztime $(FUZZTIME) ./applets/scc/agent
	$(GO) test -fuzz FuzzDecode -fuzztime $(FUZZTIME) ./applets/syn3state
	$(GO) test -fuzz FuzzScript -fuzztime $(FUZZTIME) ./applets/multilog
	$(GO) test -fuzz FuzzMatch -fuzztime $(FUZZTIME) ./applets/multilog
	$(GO) test -fuzz FuzzLines -fuzztime $(FUZZTIME) ./applets/multilog
	$(GO) test -fuzz FuzzCutEntry -fuzztime $(FUZZTIME) ./applets/multilog
	$(GO) test -fuzz FuzzLabelAfter -fuzztime $(FUZZTIME) ./applets/multilog
	$(GO) test -fuzz FuzzServiceName -fuzztime $(FUZZTIME) ./applets/scc/web

# BENCH takes options: see go run ./integration/bench -h
bench: syn3d
	$(GO) run ./integration/bench $(BENCH)

cover:
	$(GO) test $(FLAGS) -cover ./protocol ./supervisor ./applets/...

clean:
	rm -f syn3d syn3d.list $(CENTRE) initramfs.* integration/demo/web/web

FORCE:
.PHONY: all minimal initramfs install demo test check golden fuzz bench cover clean FORCE
.DELETE_ON_ERROR:
