using Mono.Unix.Native;
using Xunit;

namespace Nspawn.BootTests;

/// <summary>Links between host and container: systemd's names and addresses; gone, or back, however the container ends.</summary>
public sealed class LinkTests
{
    private static readonly string[] s_showAndWait = ["sh", "-c", "ip -o link | sed 's/^[0-9]*: //; s/[@:].*link.ether//; s/brd.*//' | sort; echo READY; sleep 20"];

    [Theory]
    [InlineData("short", "-n")]
    [InlineData("averyveryverylongname", "-n --network-veth-extra=ab:cd --network-veth-extra=xx")]
    [InlineData("averyveryverylongname", "--network-zone=lan")]
    [InlineData("mac", "--network-macvlan=up0")]
    public void Names_and_addresses_are_those_of_systemd_nspawn(string machine, string options)
    {
        using Scratch scratch = new("busybox");
        string ours, theirs;
        using (TestNetworks networks = new())
        {
            ours = Links(networks, networks.Start(scratch, ["-M", machine, .. options.Split(' '), "--network-manage=no", .. s_showAndWait]));
        }

        string left = "/run/systemd/nspawn/propagate/" + machine;
        bool wasThere = Directory.Exists(left);
        using (TestNetworks networks = new())
        {
            theirs = Links(networks, networks.StartReference(scratch, ["-M", machine, .. options.Split(' '), .. s_showAndWait]));
        }

        // systemd-nspawn leaves it.
        if (!wasThere && Directory.Exists(left))
        {
            Directory.Delete(left);
        }

        Assert.Contains("inside", ours);
        Assert.Equal(theirs, ours);
    }

    [Fact]
    public void A_launcher_that_may_make_no_link_says_what_it_lacks()
    {
        using Scratch scratch = new("busybox");
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = Command.Run(
            "setpriv", ["--bounding-set=-net_admin", "--inh-caps=-net_admin", Launcher.Nspawn.Program, "-q", "-D", scratch.Tree, "-M", scratch.Name, "-n", "true"]);

        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, "CAP_NET_ADMIN");
        leftovers.AssertNone();
    }

    [Fact]
    public void A_network_of_its_own_shows_its_own_links_and_settings()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        Outcome outcome = networks.Run(scratch, ["-n", "sh", "-c", "ls /sys/class/net /proc/sys/net/ipv4/conf; echo 1 >/proc/sys/net/ipv4/ip_forward && cat /proc/sys/net/ipv4/ip_forward"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("host0", outcome.Text);
        Assert.DoesNotContain("up0", outcome.Text);
        networks.AssertAsBefore();
    }

    [Fact]
    public void A_joined_namespace_is_that_of_the_path()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        using Command other = networks.StartOnPeer("sleep", "30");
        Thread.Sleep(200);
        Outcome outcome = networks.Run(scratch, [$"--network-namespace-path=/proc/{other.Pid}/ns/net", "sh", "-c", "ip -o addr; ls /sys/class/net; ip link set eth0 down || echo may-not"]);
        Assert.True(outcome.ExitStatus == 0, outcome.ToString());
        Assert.Contains("192.0.2.2", outcome.Text);
        Assert.Contains("may-not", outcome.Text);
    }

    [Theory]
    [InlineData("sh -c 'exit 0'", null)]
    [InlineData("sh -c 'ip link set wan name hijacked; ip link set hijacked up; sleep 20'", Signum.SIGKILL)]
    [InlineData("sleep 20", Signum.SIGTERM)]
    public void A_moved_interface_comes_back_under_its_name(string payload, Signum? signal)
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        string[] words = payload.Split('\'', StringSplitOptions.RemoveEmptyEntries);
        using Command launcher = networks.Start(scratch, ["--network-interface=up0:wan", .. words[0].Trim().Split(' '), .. words.Skip(1)]);
        if (signal is Signum how)
        {
            WaitUntil(() => !networks.State().StartsWith(networks.Before.Split("up0")[0] + "up0", StringComparison.Ordinal));
            Thread.Sleep(200);
            launcher.Signal(how);
        }

        _ = launcher.Wait(TimeSpan.FromSeconds(10));
        networks.AssertAsBefore();
    }

    // A name that is another's on the host would keep it from coming back.
    [Fact]
    public void A_moved_interface_comes_back_whatever_other_names_it_was_given()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        _ = networks.OnHost("ip", "link", "add", "taken0", "type", "veth", "peer", "name", "taken1");
        string before = networks.State();
        using Command launcher = networks.Start(scratch, "--network-interface=up0:wan", "sh", "-c", "echo READY; sleep 20");
        Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(10)), launcher.OutputSoFar);
        string payload = File.ReadAllText($"/proc/{launcher.Pid}/task/{launcher.Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Single(child => !File.ReadAllText($"/proc/{child}/comm").StartsWith("(nspawn", StringComparison.Ordinal));
        Outcome named = Command.Run("nsenter", [$"--net=/proc/{payload}/ns/net", "ip", "link", "property", "add", "dev", "wan", "altname", "taken0", "altname", "taken1"]);
        Assert.True(named.ExitStatus == 0, named.ToString());
        launcher.Signal(Signum.SIGKILL);
        _ = launcher.Wait(TimeSpan.FromSeconds(10));
        WaitUntil(() => networks.State() == before);
        Assert.Equal(before, networks.State());
    }

    [Fact]
    public void When_all_who_know_are_killed_the_next_launch_mends_it()
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        using (Command launcher = networks.Start(scratch, "--network-interface=up0:wan", "--network-zone=lan", "sh", "-c", "echo READY; sleep 30"))
        {
            Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(10)), launcher.OutputSoFar);
            string children = File.ReadAllText($"/proc/{launcher.Pid}/task/{launcher.Pid}/children");
            foreach (string child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                if (File.ReadAllText($"/proc/{child}/comm").StartsWith("(nspawn", StringComparison.Ordinal))
                {
                    Assert.Equal(0, Syscall.kill(int.Parse(child), Signum.SIGKILL));
                }
            }

            launcher.Signal(Signum.SIGKILL);
            _ = launcher.Wait(TimeSpan.FromSeconds(10));
        }

        Assert.NotEqual(networks.Before, networks.State());
        using Scratch other = new("busybox");
        Assert.Equal(0, networks.Run(other, ["-n", "true"]).ExitStatus);
        networks.AssertAsBefore();
        // What else such a run leaves is --cleanup's.
        _ = Command.Run(Launcher.Nspawn.Program, ["--cleanup", "-M", scratch.Name]);
    }

    [Fact]
    public void Two_hundred_launches_killed_at_any_moment_leave_the_network_as_it_was()
    {
        // Each series on a host of its own, for what one of them left would be mended by another's next launch.
        const int Series = 8, Length = 25;
        Parallel.For(0, Series, new ParallelOptions { MaxDegreeOfParallelism = Series }, series =>
        {
            using Scratch scratch = new("busybox");
            using TestNetworks networks = new();
            Random random = new(series);
            for (int i = 0; i < Length; i++)
            {
                string[] options = [i % 2 == 0 ? "--network-zone=lan" : "-n", "--network-veth-extra=ex", "-p", "8080:80"];
                using Command launcher = networks.Start(scratch, ["-M", $"{scratch.Name}-{i}", .. options, "sh", "-c", "ip link set host0 up; udhcpc -i host0 -q -n >/dev/null 2>&1; sleep 20"]);
                Thread.Sleep(random.Next(150));
                launcher.Signal(Signum.SIGKILL);
                _ = launcher.Wait(TimeSpan.FromSeconds(10));
                WaitUntil(() => !networks.State().Contains("ex\n", StringComparison.Ordinal));
            }

            networks.AssertAsBefore();
        });
    }

    [Theory]
    [InlineData("--network-interface=eth9", "no such interface")]
    [InlineData("--network-bridge=br9", "no such bridge")]
    [InlineData("--network-bridge=up0", "is no bridge")]
    [InlineData("--network-veth-extra=up0", "there on the host already")]
    [InlineData("--network-zone=a/b", "--network-zone=a/b")]
    [InlineData("--network-zone=much-too-long-a-zone", "at most 12")]
    [InlineData("--network-namespace-path=/etc/hostname", "no network namespace")]
    [InlineData("--network-namespace-path=/no/such", "No such file")]
    [InlineData("--network-ipvlan=up0", "CONFIG_IPVLAN")]
    [InlineData("--port=80", "--network-veth")]
    [InlineData("--port=0", "1 to 65535")]
    public void What_cannot_be_is_one_line_and_leaves_nothing(string option, string said)
    {
        using Scratch scratch = new("busybox");
        using TestNetworks networks = new();
        Leftovers leftovers = Leftovers.Watch(scratch);
        Outcome outcome = networks.Run(scratch, [option, "true"]);
        Assert.Equal(Launcher.Nspawn.ErrorStatus, outcome.ExitStatus);
        OneLine.AssertSaid(outcome.Error, said);
        Assert.Equal(networks.Before, networks.State());
        leftovers.AssertNone();
    }

    // A zone's bridge has an address that is ours: systemd-nspawn leaves it to whichever port came first.
    private static string Links(TestNetworks networks, Command launcher)
    {
        using (launcher)
        {
            Assert.True(launcher.WaitForOutput("READY", TimeSpan.FromSeconds(15)), launcher.OutputSoFar);
            string host = networks.OnHost("sh", "-c", "ip -o link | grep -v -e up0: -e up0@ -e lo: | sed 's/^[0-9]*: //; s/[@:].*link.ether//; s/brd ff:ff:ff:ff:ff:ff//; s/link-net.*altname/altname/; s/link-net.*//; s/^\\(vz-[a-z]*\\) .*/\\1/' | tr -s ' \\\\' ' ' | sort").Text;
            string inside = launcher.OutputSoFar.Replace("\r", "", StringComparison.Ordinal);
            return $"{host}inside\n{string.Join('\n', inside.Split('\n').Where(line => line.Contains(':') && !line.StartsWith("lo", StringComparison.Ordinal)).Select(line => line.Trim()))}";
        }
    }

    private static void WaitUntil(Func<bool> so)
    {
        for (int i = 0; i < 100 && !so(); i++)
        {
            Thread.Sleep(30);
        }
    }
}
