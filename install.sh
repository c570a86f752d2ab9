#!/bin/sh
# install.sh puts syn3d into a directory of commands, with a link to it for
# every name it answers to, and its man pages beside, or takes all away again.
#
# It tells by looking what is its own, and so needs no record: a link
# NAME -> syn3d, a file syn3d that Go has built of the module syn3d, and a page
# that says that it is of syn3d. Anything else it replaces only if forced to, and keeps as NAME.before-syn3d.
#
# Files come into their places by renaming, and links after what they lead to.
# So at any moment every command is whole, old or new, and the run after one
# that was interrupted completes it.
set -u
umask 022
LC_ALL=C
export LC_ALL
unset CDPATH # with it, cd may print

suffix=.before-syn3d

# What only a machine's own init answers to. A system has these already, so
# there are links and pages only if they are asked for.
init_names='init reboot poweroff halt shutdown'

usage() {
	cat <<-END
		usage: install.sh [--prefix DIR | --bindir DIR] [--destdir ROOT]
		                  [--init] [--force] [--uninstall] [--dry-run] [-v]

		  --prefix DIR    install in DIR/bin, man pages in DIR/share/man/man8
		                  (default /usr/local)
		  --bindir DIR    install in DIR, and no man pages
		  --destdir ROOT  install in the system whose root is the directory ROOT
		  --init          install also the names of what is process 1:
		                  init, reboot, poweroff, halt and shutdown
		  --force         replace foreign files, and keep them as NAME$suffix
		  --uninstall     remove what is syn3d's, and restore what it has replaced
		  --dry-run       change nothing, only say what would be done
		  -v              say what is done, a line for every name
	END
}

warn() { printf 'install.sh: warning: %s\n' "$1" >&2; }

# fatal ends the run: fatal EXITCODE MESSAGE.
fatal() {
	printf 'install.sh: fatal: %s\n' "$2" >&2
	exit "$1"
}

# parse takes an empty ROOT for none, as callers pass "$DESTDIR" on. Any other
# directory that is empty is a mistake.
parse() {
	bindir=/usr/local/bin mandir=/usr/local/share/man/man8 destdir='' would=''
	init=false force=false uninstall=false dry=false verbose=false
	while [ $# -gt 0 ]; do
		option=$1 && shift
		case $option in
		--*=*) set -- "${option%%=*}" "${option#*=}" "$@" && continue ;;
		--prefix | --bindir) [ -n "${1-}" ] || fatal 100 "$option needs a directory" ;;
		--destdir) [ $# -gt 0 ] || fatal 100 "$option needs a directory" ;;
		esac
		case $option in
		--prefix) bindir=${1%/}/bin mandir=${1%/}/share/man/man8 && shift ;;
		--bindir) bindir=$1 mandir='' && shift ;;
		--destdir) destdir=$1 && shift ;;
		--init) init=true ;;
		--force) force=true ;;
		--uninstall) uninstall=true ;;
		--dry-run) dry=true verbose=true would='would have ' ;;
		-v) verbose=true ;;
		-h | --help) usage && exit 0 ;;
		*) usage >&2 && fatal 100 "unknown argument: $option" ;;
		esac
	done
}

# locate finds here, the directory to install from, and dir, the one to install
# in, which is bindir to the system that will run the commands. Likewise mandir
# becomes the one for man pages; empty, there are to be none.
locate() {
	here=$(cd "$(dirname -- "$0")" && pwd) || fatal 111 "unable to find the directory of $0"
	case $destdir:$bindir in
	:/* | *:/*) ;;
	:*) bindir=$PWD/$bindir mandir=${mandir:+$PWD/$mandir} ;;
	*) fatal 100 "with --destdir, the directory to install in must be absolute: $bindir" ;;
	esac
	case $destdir in
	'' | /*) ;;
	*) destdir=$PWD/$destdir ;;
	esac
	bindir=${bindir%/}
	dir=${destdir%/}$bindir mandir=${mandir:+${destdir%/}$mandir}
}

# confine refuses a directory that links in the image lead out of: to the
# system that this one is, they would.
confine() {
	{ [ -n "$destdir" ] && [ -d "$destdir" ] && [ -n "$1" ]; } || return 0
	inside=$1
	until [ -d "$inside/" ]; do inside=${inside%/*}; done
	root=$(cd "$destdir" && pwd -P) || fatal 111 "unable to find $destdir"
	inside=$(cd "$inside/" && pwd -P) || fatal 111 "unable to find $1"
	case $inside/ in
	"${root%/}"/*) ;;
	*) fatal 111 "$1 is not in $destdir, but, through a link, in $inside" ;;
	esac
}

# find_names asks the binary, or reads the list that make has put beside it if
# the binary is for another machine.
find_names() {
	[ -f "$here/syn3d" ] || fatal 111 "there is no $here/syn3d: run make"
	if ! { runs_here && names=$("$here/syn3d" --list); }; then
		[ -f "$here/syn3d.list" ] || fatal 111 \
			"$here/syn3d does not run here, and there is no syn3d.list beside it: run make"
		names=$(cat "$here/syn3d.list")
	fi
	case $names in
	'' | *[!a-zA-Z0-9_[:space:]-]*) fatal 111 "the list of names is damaged: run make" ;;
	esac
	if $init; then names="$names $init_names"; fi
}

# runs_here compares the binary's ELF header with that of a program of this
# system. To try the binary would not do: busybox's shell takes a program that
# the kernel refuses for a script, and does what its bytes happen to say.
runs_here() { [ "$(machine "$here/syn3d")" = "$(machine /proc/self/exe)" ]; }

# machine prints the word size, byte order and machine of a program.
machine() { for field in 2 9; do dd if="$1" bs=2 skip=$field count=1; done 2>/dev/null | od -b; }

exists() { [ -e "$1" ] || [ -L "$1" ]; }

# own tells whether a file is one of ours. A link that leads to a directory is
# not, whatever its name: mv would put things into that directory.
own() {
	case $1 in
	"$dir/syn3d") has_line '^mod	syn3d	' "$1" ;; # Go puts it into every binary
	*.8) has_line '^\.Os syn3d$' "$1" ;;
	*) own_link "$1" ;;
	esac
}

has_line() { [ -f "$2" ] && [ ! -L "$2" ] && grep -q "$1" "$2"; }

own_link() {
	[ ! -d "$1" ] && case $(readlink "$1") in
	syn3d | ./syn3d | "$bindir/syn3d") ;;
	*) false ;;
	esac
}

# current tells whether one of our own files is as it would be installed.
current() {
	case $1 in
	"$dir/syn3d") [ -x "$1" ] && cmp -s "$here/syn3d" "$1" ;;
	*.8) cmp -s "$here/docs/man/${1##*/}" "$1" ;;
	*) [ "$(readlink "$1")" = syn3d ] ;;
	esac
}

# same_file tells whether two names are of one inode; -ef would follow links.
same_file() { [ "$(inode "$1")" = "$(inode "$2")" ]; }

# shellcheck disable=SC2012 # of the output of ls only the number is used
inode() { ls -di "$1" | sed 's/^ *//; s/ .*//; q'; }

# each_file calls a function with every file to be: each_file FUNCTION.
each_file() {
	for name in syn3d $names; do "$1" "$dir/$name"; done
	[ -n "$mandir" ] || return 0
	for page in "$here"/docs/man/*.8; do
		if [ -f "$page" ] && wanted "${page##*/}"; then "$1" "$mandir/${page##*/}"; fi
	done
}

# wanted tells whether a page is to be installed.
wanted() {
	case " $init_names " in
	*" ${1%.8} "*) $init ;;
	esac
}

# refuse_conflicts looks at every file before anything is touched.
refuse_conflicts() {
	conflicts=0
	each_file count_conflict
	[ $conflicts -eq 0 ] || fatal 1 "nothing was installed; names in use: $conflicts"
}

count_conflict() {
	conflict=$(conflict "$1")
	[ -n "$conflict" ] || return 0
	warn "$1 $conflict"
	conflicts=$((conflicts + 1))
}

# conflict prints why a file cannot be replaced, nothing if it can. A backup
# that is the file itself has been made by a run that was interrupted.
conflict() {
	if ! exists "$1" || own "$1"; then
		return
	elif [ -d "$1" ]; then
		echo "is a directory"
	elif ! $force; then
		echo "is not syn3d's: --force would replace it"
	elif exists "$1$suffix" && ! same_file "$1" "$1$suffix"; then
		echo "cannot be kept: there is a ${1##*/}$suffix already"
	fi
}

# begin prepares a directory for changes.
begin() {
	[ -w "$1/" ] || fatal 111 "unable to write to $1"
	rm -f "$1"/.syn3d.new.* # left by runs that were killed
	new=$1/.syn3d.new.$$
	trap 'rm -f "$new"' EXIT
	trap 'fatal 111 "interrupted: run it again to complete it"' HUP INT TERM
}

# act does a thing to a file and tells it: act DID FILE COMMAND...
act() {
	did=$1 file=$2
	shift 2
	$dry || "$@" || fatal 111 "$file could not be $did"
	changes=$((changes + 1))
	tell "$did" "$file"
}

tell() { if $verbose; then printf '%s%s %s\n' "$would" "$1" "$2"; fi; }

install_all() {
	find_names
	refuse_conflicts
	for made in "$dir" "$mandir"; do
		$dry || [ -z "$made" ] || mkdir -p "$made/" || fatal 111 "unable to make $made"
		$dry || [ -z "$made" ] || begin "$made"
	done
	links=-1 # the binary is not one
	for name in syn3d $names; do links=$((links + 1)); done
	each_file install_one
	summary="installed syn3d and $links links in"
}

install_one() {
	if ! exists "$1"; then
		act installed "$1" place "$1"
	elif ! own "$1"; then
		act replaced "$1" replace "$1"
	elif ! current "$1"; then
		act updated "$1" place "$1"
	else
		tell left "$1"
	fi
}

# place lets a file appear at once. A binary is on the disk before it has its
# name, which after a power failure could be that of an empty file otherwise.
place() {
	new=${1%/*}/.syn3d.new.$$
	case $1 in
	"$dir/syn3d") cp "$here/syn3d" "$new" && chmod 755 "$new" && sync "$new" ;;
	*.8) cp "$here/docs/man/${1##*/}" "$new" && chmod 644 "$new" ;;
	*) ln -s syn3d "$new" ;;
	esac && mv -f "$new" "$1"
}

# replace gives the old file its second name before it loses the first.
replace() {
	exists "$1$suffix" || ln "$1" "$1$suffix" || return
	place "$1"
}

# uninstall_all leaves the binary until no link needs it.
uninstall_all() {
	$dry || ! [ -d "$dir/" ] || begin "$dir"
	for link in "$dir"/*; do
		if [ -L "$link" ] && own "$link"; then withdraw "$link"; fi
	done
	if own "$dir/syn3d"; then withdraw "$dir/syn3d"; fi
	settle_all "$dir"
	if [ -d "$mandir/" ]; then uninstall_pages; fi
	summary='uninstalled syn3d from'
}

uninstall_pages() {
	$dry || begin "$mandir"
	for page in "$mandir"/*.8; do
		if own "$page"; then withdraw "$page"; fi
	done
	settle_all "$mandir"
}

# withdraw takes one of our own files away.
withdraw() {
	if exists "$1$suffix"; then
		act restored "$1" mv -f "$1$suffix" "$1"
	else
		act removed "$1" rm -f "$1"
	fi
}

settle_all() {
	for backup in "$1"/*"$suffix"; do
		if exists "$backup"; then settle "${backup%"$suffix"}"; fi
	done
}

# settle deals with the backup of a file that is not there, or is not ours:
# others have put it there since, or a run was interrupted before ours was.
settle() {
	if ! exists "$1"; then
		act restored "$1" mv -f "$1$suffix" "$1"
	elif own "$1"; then
		: # withdraw would have restored it
	elif same_file "$1" "$1$suffix"; then
		act removed "$1$suffix" rm -f "$1$suffix"
	else
		warn "$1 is not syn3d's: what syn3d has replaced there stays in $1$suffix"
	fi
}

parse "$@"
locate
confine "$dir"
confine "$mandir"
changes=0
if $uninstall; then uninstall_all; else install_all; fi
printf '%s%s %s (changed: %s)\n' "$would" "$summary" "${dir:-/}" "$changes"
