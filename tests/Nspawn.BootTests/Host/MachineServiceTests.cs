using Xunit;

namespace Nspawn.BootTests;

/// <summary>The installed units: <c>nspawn@NAME.service</c>, what <c>machinectl start</c> starts, and sockets in front of them.</summary>
[Collection(nameof(Hosts))]
public sealed class MachineServiceTests(Hosts hosts)
{
    public static TheoryData<string, string> Templates()
    {
        TheoryData<string, string> rows = [];
        foreach (string fixture in Hosts.All)
        {
            rows.Add(fixture, "nspawn@");
            rows.Add(fixture, "systemd-nspawn@");
        }

        return rows;
    }

    [Theory, MemberData(nameof(Templates))]
    public void Start_BootsTheTree_AndStopEndsIt(string fixture, string template)
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        using MachineService service = new(machine, template);
        service.Start();
        Assert.Equal("active", service.State);
        machine.AssertListed();
        Assert.Equal(service.Name, machine.Show("Unit"));
        Assert.Equal("machine.slice", service.Show("Slice"));
        Assert.EndsWith($"/{service.Name}/supervisor", host.Output("cat", $"/proc/{service.Show("MainPID")}/cgroup"), StringComparison.Ordinal);
        Assert.Equal("nspawn", host.Output("cat", $"/proc/{service.Show("MainPID")}/comm"));
        Assert.Contains($"/{service.Name}/payload", host.Output("cat", $"/proc/{machine.Show("Leader")}/cgroup"), StringComparison.Ordinal);
        machine.AwaitRunning();
        service.Stop();
        Assert.Equal(("inactive", "success"), (service.State, service.Show("Result")));
        Assert.Contains("Reached target", service.Journal(), StringComparison.Ordinal);
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Templates))]
    public void UsersAndALinkOfItsOwn_UnlessItsFileSaysOtherwise(string fixture, string template)
    {
        RealHost host = hosts[fixture];
        using (Machine machine = new(host))
        {
            using MachineService service = new(machine, template);
            service.Start();
            Assert.NotEqual("0", Users(machine)[1]);
            Assert.Equal("65536", Users(machine)[2]);
            Assert.Contains("ve-" + machine.Name, host.Output("ip", "-o", "link"), StringComparison.Ordinal);
            Assert.Contains("host0", host.Output("cat", $"/proc/{machine.Show("Leader")}/net/dev"), StringComparison.Ordinal);
            service.Stop();
            machine.AssertNothingLeft();
        }

        using Machine other = new(host);
        host.Write($"/etc/systemd/nspawn/{other.Name}.nspawn", "[Exec]\nPrivateUsers=no\n[Network]\nVirtualEthernet=no\n");
        using (MachineService service = new(other, template))
        {
            service.Start();
            Assert.Equal("0 0 4294967295", string.Join(' ', Users(other)));
            Assert.Equal(host.Output("readlink", "/proc/1/ns/net"), host.Output("readlink", $"/proc/{other.Show("Leader")}/ns/net"));
            service.Stop();
        }

        host.Output("rm", $"/etc/systemd/nspawn/{other.Name}.nspawn");
        other.AssertNothingLeft();

        string[] Users(Machine machine) =>
            host.Output("cat", $"/proc/{machine.Show("Leader")}/uid_map").Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    [Theory, MemberData(nameof(Templates))]
    public void RebootInside_RestartsTheService(string fixture, string template)
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        using MachineService service = new(machine, template);
        service.Start();
        machine.AwaitRunning();
        string first = machine.Show("Leader");
        // The unit has no Restart=: only a status that forces one restarts it.
        _ = host.Run(["systemctl", "-M", machine.Name, "reboot"]); // which may go down before it has answered
        host.Eventually(
            $"systemctl show {service.Name} --value -p NRestarts && systemctl is-active {service.Name} && machinectl show {machine.Name} --value -p Leader",
            answer => answer.ExitStatus == 0 && answer.Text.StartsWith("1\nactive\n", StringComparison.Ordinal) && answer.Text.Split('\n')[2] != first);
        service.Stop();
        Assert.Equal("success", service.Show("Result"));
        machine.AssertNothingLeft();
    }

    [Theory]
    [InlineData("host-trixie", "all")]
    [InlineData("host-trixie", "main")]
    [InlineData("host-forky", "all")]
    [InlineData("host-forky", "main")]
    public void Killed_LeavesNothing(string fixture, string whom)
    {
        using Machine machine = new(hosts[fixture]);
        using MachineService service = new(machine, "nspawn@");
        service.Start();
        hosts[fixture].Output("systemctl", "kill", "--kill-whom=" + whom, "--signal=KILL", service.Name);
        hosts[fixture].Eventually($"systemctl is-active {service.Name}", answer => answer.Text == "failed\n");
        machine.AssertNothingLeft();
        // And nothing is in the way of the next one.
        service.Start();
        machine.AssertListed();
        service.Stop();
        machine.AssertNothingLeft();
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void NoTree_FailsWithOneLine(string fixture)
    {
        RealHost host = hosts[fixture];
        Outcome outcome = host.Run(["systemctl", "start", "nspawn@nobody.service"]);
        string journal = host.Output("journalctl", "--no-pager", "-o", "cat", "-u", "nspawn@nobody.service", "-t", "nspawn");
        host.Output("systemctl", "reset-failed", "nspawn@nobody.service");
        Assert.NotEqual(0, outcome.ExitStatus);
        OneLine.AssertSaid(journal, "no image of the machine nobody");
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void SocketOfTheHost_StartsTheContainerAndArrivesInTheGuest(string fixture)
    {
        RealHost host = hosts[fixture];
        using Machine machine = new(host);
        (string Listen, string Connect)[] places = [("127.0.0.1:7007", "127.0.0.1:7007"), ($"/run/{machine.Name}.socket", $"/run/{machine.Name}.socket")];
        foreach ((int number, string listen) in places.Select((place, number) => (number, place.Listen)))
        {
            // The guest has socket units for the same places: systemd takes over what it is handed by address.
            machine.WriteFile($"/etc/systemd/system/answer{number}.socket", $"""
                [Socket]
                ListenStream={listen}
                Accept=yes
                """);
            machine.WriteFile($"/etc/systemd/system/answer{number}@.service", """
                [Service]
                StandardInput=socket
                ExecStart=cat /etc/machine-id
                """);
            machine.WriteFile($"/etc/systemd/system/sockets.target.wants/answer{number}.socket", "", linkTo: $"../answer{number}.socket");
        }

        using MachineService service = new(machine, "nspawn@");
        host.Write($"/run/systemd/system/{service.Socket}", $"""
            [Socket]
            {string.Join('\n', places.Select(place => "ListenStream=" + place.Listen))}
            """);
        host.Output("systemctl", "daemon-reload");
        host.Output("systemctl", "start", service.Socket);
        Assert.Equal("inactive", service.State);

        string id = host.Output("cat", machine.Tree + "/etc/machine-id");
        foreach ((_, string connect) in places)
        {
            Assert.Equal(id, host.Output("perl", "-MIO::Socket::UNIX", "-MIO::Socket::INET", "-e", """
                alarm 20;
                my $s = $ARGV[0] =~ m,^/, ? IO::Socket::UNIX->new($ARGV[0]) : IO::Socket::INET->new($ARGV[0]);
                print readline $s // die "$ARGV[0]: $!"
                """, connect));
        }

        machine.AssertListed();
        host.Output("systemctl", "stop", service.Socket);
        service.Stop();
        machine.AssertNothingLeft();
    }
}
