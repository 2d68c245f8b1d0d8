using Xunit;

namespace Nspawn.BootTests;

/// <summary>
/// An ordinary user of a host, with sub-ids, a systemd of their own and a bus, as a Debian with the packages uidmap and
/// dbus-user-session gives them; and a tree that belongs to the user and the sub-ids.
/// </summary>
internal sealed class LoggedInUser : IDisposable
{
    private static int s_count;

    private readonly RealHost _host;
    private readonly string _top;

    public LoggedInUser(RealHost host)
    {
        _host = host;
        int number = Interlocked.Increment(ref s_count);
        Name = $"user{number}";
        _top = "/run/trees-of-" + Name;
        Tree = $"/home/{Name}/tree";
        foreach (string tool in (string[])["newuidmap", "newgidmap"])
        {
            using Command copy = host.Start(["sh", "-ec", "cat >$0; chmod 4755 $0", $"/usr/local/bin/{tool}"], File.ReadAllBytes($"/usr/bin/{tool}"));
            Assert.Equal(0, copy.Wait(TimeSpan.FromSeconds(10)).ExitStatus);
        }

        // What dbus-user-session is.
        host.Write("/etc/systemd/user/dbus.service", """
            [Service]
            Type=notify
            ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation
            """);
        host.Write("/etc/systemd/user/dbus.socket", "[Socket]\nListenStream=%t/bus\n");
        Outcome made = host.Shell($$"""
            set -e
            # A real host's are whole; of this one, which is a container, parts are covered.
            mkdir -p /dev/.nspawn/proc /dev/.nspawn/sys
            mountpoint -q /dev/.nspawn/proc || mount -t proc proc /dev/.nspawn/proc
            mountpoint -q /dev/.nspawn/sys || mount -t sysfs sysfs /dev/.nspawn/sys
            mkdir -p /etc/systemd/user/sockets.target.wants
            ln -sf ../dbus.socket /etc/systemd/user/sockets.target.wants/
            useradd -m -u {{2000 + number}} -s /bin/sh {{Name}}
            loginctl enable-linger {{Name}}
            mkdir -p {{_top}}/upper {{_top}}/work {{Tree}}
            mount -t overlay tree-of-{{Name}} -o metacopy=on,lowerdir={{RealHost.GuestTree}},upperdir={{_top}}/upper,workdir={{_top}}/work {{Tree}}
            rm -rf {{Tree}}/dev/* # devices cannot be given away here
            tr -d - </proc/sys/kernel/random/uuid >{{Tree}}/etc/machine-id
            ln -sf /dev/null {{Tree}}/etc/systemd/system/ldconfig.service
            set -- {{Tree}} $(id -u {{Name}}) $(awk -F: '$1 == "{{Name}}" { print $2 }' /etc/subuid)
            {{OrdinaryUser.GiveTree}}
            """, TimeSpan.FromSeconds(60));
        Assert.True(made.ExitStatus == 0, made.ToString());
        host.Eventually($"test -S /run/user/$(id -u {Name})/bus", answer => answer.ExitStatus == 0);
    }

    public string Name { get; }

    public string Tree { get; }

    public static string Nspawn => NestedLauncher.Program;

    /// <summary>Starts a program in a session of its own, as a login does.</summary>
    public Command Start(params IEnumerable<string> command) => _host.Start(
        ["systemd-run", "--quiet", "--pipe", "--wait", "--collect", "-p", "PAMName=login", "-p", "User=" + Name, "--", .. command]);

    public Outcome Run(params IEnumerable<string> command)
    {
        using Command running = Start(command);
        return running.Wait(TimeSpan.FromSeconds(60));
    }

    /// <summary>No run, unit, group or process of a machine of the user's, soon.</summary>
    public void AssertNothingLeft() => _host.Eventually(
        $$"""
        runs=/run/user/$(id -u {{Name}})/systemd/nspawn
        [ ! -d $runs ] || find $runs -mindepth 1 -not -name locks
        grep -sl ' / / .* - overlay tree-of-{{Name}} ' /proc/[0-9]*/mountinfo | sed 's/^/process /'
        find /sys/fs/cgroup/user.slice -name 'nspawn-*' -o -name payload -o -path '*machine.slice/*.scope'
        systemctl --user -M {{Name}}@.host list-units --all --plain --no-legend 'tree*.scope'
        """,
        answer => answer is { ExitStatus: 0, Text: "" });

    public void Dispose() => _host.Shell($$"""
        loginctl disable-linger {{Name}}; loginctl terminate-user {{Name}}
        systemctl stop user@$(id -u {{Name}}).service
        umount -l {{Tree}}; rm -rf {{_top}}; userdel -r {{Name}}; rm -f /etc/systemd/user/dbus.s* /etc/systemd/user/sockets.target.wants/dbus.socket
        """);
}
