using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>Command lines as programs give them that run systemd-nspawn today.</summary>
public class CallerTests
{
    [Fact]
    public void Debos()
    {
        Settings settings = Commands.LaunchLine(
            "-q --resolv-conf=off --timezone=off --register=no --machine=debos-7 --keep-unit --console=pipe --setenv A=b --bind /recipes -D /root-fs sh -c true");

        Assert.True(settings is { Quiet: true, KeepUnit: true, Register: RegisterMode.No, Console: ConsoleMode.Pipe });
        Assert.True(settings is { ResolvConf: ResolvConfMode.Off, Timezone: TimezoneMode.Off, Machine: "debos-7", Directory: "/root-fs" });
        Assert.Equal([new BindCustomMount("/recipes", "/recipes", false, false, true)], settings.Mounts);
        Assert.Equal(["A=b"], settings.Environment);
        Assert.Equal(["sh", "-c", "true"], settings.Arguments);
    }

    [Fact]
    public void Mock()
    {
        Settings settings = Commands.LaunchLine(
            "-q -M 6c1e0d6a1ac14b6a9dcbb1a9ff7a0f7e -D /var/lib/mock/root -a -u mockbuild --capability=cap_ipc_lock --suppress-sync=yes --private-network"
            + " --console=pipe --chdir=/builddir --setenv=TERM=vt100 --setenv=SHELL=/bin/bash --resolv-conf=off bash --login -c x");

        Assert.True(settings is { Mode: StartMode.AsPid2, User: "mockbuild", SuppressSync: true, PrivateNetwork: true, WorkingDirectory: "/builddir" });
        Assert.Equal(CapabilitySet.Of(Capability.IpcLock), settings.AddCapabilities);
        Assert.Equal(["bash", "--login", "-c", "x"], settings.Arguments);
    }

    [Fact]
    public void Obs_build()
    {
        Settings settings = Commands.LaunchLine("-D /root -M obsbuild.42 --private-network --pipe /.build/build");

        Assert.True(settings is { Machine: "obsbuild.42", PrivateNetwork: true, Console: ConsoleMode.Pipe });
    }

    [Fact]
    public void Live_build()
    {
        Settings settings = Commands.LaunchLine("--capability=all -D chroot /root/hook");

        Assert.Equal("/home/joe/chroot", settings.Directory);
        Assert.Equal(CapabilitySet.All, settings.AddCapabilities);
    }

    [Fact]
    public void Debspawn_command()
    {
        Settings settings = Commands.Launch(
            "-M", "pkg", "--register=no", "-a", "--bind", "/dev", "--console=pipe", "--property=DeviceAllow=block-* rw", "--bind-ro", "/lib/modules/",
            "--capability", "CAP_MKNOD,CAP_SYS_ADMIN", "--system-call-filter", "@keyring bpf", "-E", "K=V", "--chdir=/srv", "--bind=/x:/srv/build/",
            "-u", "builder", "--private-network", "--personality=x86", "-qD", "/tree", "dpkg-buildpackage", "-us");

        Assert.True(settings is { Quiet: true, Directory: "/tree", Personality: Personality.X86 });
        Assert.Equal(["/dev", "/lib/modules", "/srv/build"], settings.Mounts.Select(mount => mount.Destination));
        Assert.Equal(["@keyring", "bpf"], settings.AllowSystemCalls);
        Assert.Equal(["DeviceAllow=block-* rw"], settings.Properties);
        Assert.Equal(["dpkg-buildpackage", "-us"], settings.Arguments);
    }

    [Fact]
    public void Debspawn_boot() =>
        Assert.True(Commands.LaunchLine("-M pkg -b --notify-ready=yes -qD /tree") is { Mode: StartMode.Boot, NotifyReady: true });

    [Fact]
    public void Devtools_with_escaped_colons()
    {
        Settings settings = Commands.Launch(
            "--quiet", "--directory=/var/lib/archbuild/joe", "--setenv=PATH=/usr/bin", "--register=no", "--slice=devtools-joe", "--machine=arch-nspawn-12",
            "--as-pid2", "--console=autopipe", @"--bind=/a\:b", @"--bind-ro=/c\:d:/e", "makepkg");

        Assert.Equal("devtools-joe.slice", settings.Slice);
        Assert.Equal(ConsoleMode.Autopipe, settings.Console);
        Assert.Equal(
            [new BindCustomMount("/a:b", "/a:b", false, false, true), new BindCustomMount("/c:d", "/e", false, true, true)], settings.Mounts);
    }

    [Fact]
    public void Archlinux_repro()
    {
        Settings settings = Commands.LaunchLine("-q --as-pid2 --register=no --pipe -E PATH=/usr/bin -D /dir --bind=/a --bind-ro=/b bash");

        Assert.True(settings is { Mode: StartMode.AsPid2, Console: ConsoleMode.Pipe });
    }

    [Fact]
    public void Archlinux_repro_in_a_cluster() =>
        Assert.True(Commands.LaunchLine("-aP -D /dir cat") is { Mode: StartMode.AsPid2, Console: ConsoleMode.Pipe });

    [Fact]
    public void Continuous_integration_runners_boot_with_a_kernel_command_line()
    {
        Settings settings = Commands.LaunchLine(
            "--quiet --directory=/t --machine=run-1 --boot --notify-ready=yes --resolv-conf=replace-host --bind=/builds --read-only --suppress-sync=yes"
            + " systemd.hostname=run systemd.mask=x.service foo=bar no-dash=1 quiet =x 1a=b --boot -D");

        Assert.Equal(["systemd.hostname=run", "systemd.mask=x.service", "quiet", "=x", "1a=b", "--boot", "-D"], settings.Arguments);
        Assert.Equal(["foo=bar", "no_dash=1"], settings.Environment);
        Assert.True(settings is { ReadOnly: true, ResolvConf: ResolvConfMode.ReplaceHost });
    }

    [Fact]
    public void Mkosi_script()
    {
        Settings settings = Commands.LaunchLine(
            "--quiet --directory=/r --machine=mkosi-1 --as-pid2 --register=no --setenv=K=V --rlimit=RLIMIT_CORE=0:infinity --console=interactive"
            + " --chdir=/root/src --bind-ro=/etc/resolv.conf --keep-unit --setenv=SYSTEMD_OFFLINE=1 -- /root/mkosi.build final");

        Assert.Equal(new Rlimit(0, Rlimit.Infinity), settings.Rlimits[RlimitResource.Core]);
        Assert.Equal(["/root/mkosi.build", "final"], settings.Arguments);
    }

    [Fact]
    public void Mkosi_of_2025()
    {
        Settings settings = Commands.LaunchLine(
            "--quiet --suppress-sync=yes --resolv-conf=auto --boot --machine m --register yes --load-credential=a:/run/x --directory /r"
            + " --bind /s:/d:norbind,noidmap --set-credential=journal.forward_to_socket:/run/host/journal/socket --setenv K=V systemd.unit=x");

        Assert.Equal(RegisterMode.Yes, settings.Register);
        Assert.Equal([new BindCustomMount("/s", "/d", false, false, false)], settings.Mounts);
        Assert.Equal(["a", "journal.forward_to_socket"], settings.Credentials.Select(credential => credential.Name));
    }

    [Fact]
    public void NixOS_containers()
    {
        Settings settings = Commands.LaunchLine(
            "--keep-unit -M web -D /var/lib/nixos-containers/web --private-network --notify-ready=yes --kill-signal=SIGRTMIN+3 --bind-ro=/nix/store:/nix/store:noidmap"
            + " --setenv PATH=/x --capability=CAP_NET_ADMIN --tmpfs=/var:mode=700 /init x");

        Assert.Equal(37, settings.KillSignal);
        Assert.Equal(new TmpfsCustomMount("/var", "mode=700") { Flags = MountFlags.NoDev }, settings.Mounts[1]);
    }

    [Fact]
    public void Compute_tools_and_jailmaker()
    {
        Settings settings = Commands.LaunchLine(
            "--keep-unit --quiet --boot --bind-ro=/sys/module --inaccessible=/sys/module/apparmor --resolv-conf=bind-host --bind=/dev/dri"
            + " --capability= --drop-capability= --register=no --directory /d");

        Assert.Equal(new InaccessibleCustomMount("/sys/module/apparmor"), settings.Mounts[1]);
        Assert.Equal(CapabilitySet.Empty, settings.AddCapabilities);
    }

    [Fact]
    public void Pinspawn() => Assert.Equal("pi", Commands.LaunchLine("--directory /d --quiet --user pi ls").User);
}
