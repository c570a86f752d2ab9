package integration

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"syn3d/protocol"

	"golang.org/x/sys/unix"
)

// TestSilentProcess has a process that seems to belong to a directory of a file
// system which never answers. It does not keep a supervisor from finding its own.
func TestSilentProcess(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("this test needs root, for a mount")
	}
	scan, mount := t.TempDir(), t.TempDir()
	dir := scan + "/x"
	writeService(t, dir, forever)
	d := startDaemon(t, scan, "supervise", "x")
	up := awaitSleep(t, dir)
	d.kill()
	check(t, os.RemoveAll(dir+"/supervise"))

	silent := exec.Command("sleep", "100000")
	silent.Env = []string{protocol.MarkerVariable + "=" + mount + "/y", protocol.ReasonVariable + "=" + protocol.ReasonBoot}
	check(t, silent.Start())
	t.Cleanup(func() { silent.Process.Kill(); silent.Wait() })

	server, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0) // which serves nothing
	check(t, err)
	t.Cleanup(func() { server.Close() })
	cmd := exec.Command("sh", "-c", "mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none '"+mount+"' && exec supervise x")
	cmd.Dir = scan
	cmd.ExtraFiles = []*os.File{server}
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: unix.CLONE_NEWNS}
	next := startCommand(t, cmd)
	next.awaitSaid(fmt.Sprintf("supervise: warning: unable to look at processes, which may be instances: no answer from [%d]\n", silent.Process.Pid))
	next.awaitSaid(fmt.Sprintf("supervise: warning: x: taking over pid %d, which another supervisor has left\n", up))
	if got := awaitUp(t, dir); got != up {
		t.Errorf("it is up as %d, want %d", got, up)
	}
}
