# Proxima needs Go and ffmpeg, nothing else: `make test` and `make demo` get ffmpeg where they can.

SHELL    := /bin/sh
GO       ?= go
FUZZTIME ?= 10s
SEED     ?= 0
TIME     ?= 60s
DEMO_DIR ?= demo-farm

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# Without git there is nothing to say; the program then reads what Go recorded of the build.
BUILD    := $(if $(VERSION),-ldflags '-X main.version=$(VERSION)',-buildvcs=false)
# The other systems, on one processor each: no code of ours knows it.
PLATFORMS := darwin/arm64 windows/amd64

.DEFAULT_GOAL := help

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps
deps: ## get ffmpeg, or say how
	@sh scripts/deps.sh

.PHONY: build
build: ## build bin/proxima
	$(GO) build $(BUILD) -o bin/ ./cmd/proxima

.PHONY: demo
demo: deps build ## a farm of two workers on this machine makes a proxy, in DEMO_DIR
	@sh scripts/demo.sh bin/proxima '$(DEMO_DIR)'

.PHONY: test
test: deps ## fast tests
	@sh scripts/deps.sh lua
	$(GO) test ./...

.PHONY: race
race: deps ## fast tests under the race detector, but for those that have one goroutine
	@sh scripts/deps.sh cc
	@sh scripts/deps.sh lua
	CGO_ENABLED=1 $(GO) test -race -short $$($(GO) list ./... | grep -v -e /presets$$ -e /timeline$$)

.PHONY: e2e
e2e: deps ## the long tests alone: nasty sources through real encoders, the room's page in a real browser
	@sh scripts/deps.sh chromium
	@tests=$$(grep -rl --include='*_test.go' '^//go:build e2e' . | xargs sed -n 's/^func \(Test[A-Za-z0-9_]*\)(.*/\1/p' | paste -s -d '|' -); \
	echo "e2e: $$tests"; \
	$(GO) test -tags e2e -timeout 40m -run "^($$tests)\$$" ./...

.PHONY: ffmpegs
ffmpegs: ## encoding with the ffmpeg of newer Debian releases, SUITES="trixie sid"; root on Debian
	@GO='$(GO)' sh scripts/ffmpegs.sh $(SUITES)

.PHONY: deep
deep: deps ## every fault at every step, every history of larger rooms: minutes of one core, not in CI
	$(GO) test -tags deep -timeout 30m ./jobfile/... ./watcher/...

.PHONY: chaos
chaos: deps ## TIME of random faults among real daemons, by SEED; all of them as root on Linux
	$(GO) test -tags chaos -count 1 -v -timeout 3h -run '^TestChaos$$|^TestTheSameSeed' ./cmd/proxima -seed $(SEED) -for $(TIME)

.PHONY: sim
sim: ## play rooms of up to 1000 machines and draw docs/performance: a minute or two of one core, not in CI
	$(GO) run ./internal/sim/plots -out docs/performance

.PHONY: netfs
netfs: ## daemons on machines that share real NFS and SMB: FS=nfs3|nfs4|smb3 SCENARIO=... or BENCH=1; root
	@NETFS_SHARE='$(FS)' NETFS_SCENARIO='$(SCENARIO)' NETFS_BENCH='$(BENCH)' GO='$(GO)' sh scripts/netfs/run.sh bin/netfs

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME, on a core each
	@GO='$(GO)' sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: bench
bench: ## benchmarks: half an hour or more, in a quiet room
	$(GO) test -run '^$$' -bench . -benchmem -timeout 3h ./...

.PHONY: cover
cover: deps ## coverage of the fast tests, in bin/cover.html
	@sh scripts/deps.sh lua
	@mkdir -p bin
	$(GO) test -coverpkg ./... -coverprofile bin/cover.out ./...
	$(GO) tool cover -html bin/cover.out -o bin/cover.html
	$(GO) tool cover -func bin/cover.out | tail -n 1

.PHONY: lint
lint: ## gofumpt, vet, staticcheck, govulncheck
	@out=$$($(GO) tool gofumpt -l .) && if [ -n "$$out" ]; then echo "not formatted by gofumpt:"; echo "$$out"; exit 1; fi
	$(GO) vet -tags e2e,deep,chaos,netfs ./...
	$(GO) tool staticcheck -tags e2e,deep,chaos,netfs ./...
	@sh scripts/vulns.sh

.PHONY: cross
cross: ## build and vet, tests too, for the other systems
	@set -e; for p in $(PLATFORMS); do \
	  echo "$$p"; export GOOS=$${p%/*} GOARCH=$${p#*/} CGO_ENABLED=0; \
	  $(GO) build -buildvcs=false ./...; \
	  $(GO) vet -tags e2e,deep,chaos,netfs ./...; \
	done

.PHONY: dist
dist: ## archives, packages, checksums for all platforms in bin/dist; the same bytes each time
	$(GO) run ./packaging/dist -version '$(or $(VERSION),dev)' -epoch "$${SOURCE_DATE_EPOCH:-$$(git log -1 --format=%ct 2>/dev/null || echo 0)}" -out bin/dist

.PHONY: dist-test
dist-test: ## make dist twice and compare
	@GO='$(GO)' sh packaging/twice.sh

.PHONY: package-test
package-test: ## the .deb of make dist on a machine of its own: installed, used, upgraded, removed; root
	@GO='$(GO)' sh scripts/systemd/package.sh

.PHONY: systemd
systemd: ## the service under a real systemd: killed, stopped, restarted with the machine; root on Linux
	@GO='$(GO)' sh scripts/systemd/run.sh

.PHONY: slurm
slurm: ## deploy/slurm.sh on a real Slurm of two nodes: drained, cancelled, out of time; root on Linux
	@GO='$(GO)' sh scripts/systemd/slurm.sh

.PHONY: clean
clean: ## remove what was built, and the demo's folder
	rm -rf bin
	@sh scripts/demo.sh --clean '$(DEMO_DIR)'
