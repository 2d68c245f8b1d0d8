using System.Text.Json;
using Xunit;

namespace Nspawn.BootTests;

/// <summary><c>nspawn doctor</c> on hosts with systemd, where bus and machined are.</summary>
[Collection(nameof(Hosts))]
public sealed class HostDoctorTests(Hosts hosts)
{
    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Bus_machined_and_controllers_are_good_and_what_is_not_has_a_command(string fixture)
    {
        NestedLauncher.NotOnReference("it has no doctor");
        Outcome outcome = hosts[fixture].Run([NestedLauncher.Program, "doctor", "--json"]);
        JsonElement[] findings = [.. JsonDocument.Parse(outcome.Text).RootElement.EnumerateArray()];
        foreach (string topic in (string[])["user", "bus", "machined", "seccomp", "networkd"])
        {
            Assert.Equal("good", findings.First(one => one.GetProperty("topic").GetString() == topic).GetProperty("kind").GetString());
        }

        Assert.All(
            findings.Where(one => one.GetProperty("kind").GetString() != "good"),
            one => Assert.False(string.IsNullOrEmpty(one.GetProperty("command").GetString()), one.ToString()));
        Assert.Equal(findings.Any(one => one.GetProperty("kind").GetString() == "fault") ? 1 : 0, outcome.ExitStatus);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void Networkd_that_runs_is_seen(string fixture)
    {
        NestedLauncher.NotOnReference("it has no doctor");
        using Scratch files = new("busybox");
        Assert.Contains("systemd-networkd does not run", hosts[fixture].Run([NestedLauncher.Program, "doctor"]).Text, StringComparison.Ordinal);
        using Uplink uplink = new(hosts[fixture], files);
        string said = hosts[fixture].Run([NestedLauncher.Program, "doctor"]).Text;
        Assert.Contains("systemd-networkd runs: links of machines are left to it", said, StringComparison.Ordinal);
        Assert.Contains("good  route ", said, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Hosts.All), MemberType = typeof(Hosts))]
    public void A_registered_machine_is_told_with_its_leader(string fixture)
    {
        NestedLauncher.NotOnReference("it has no doctor");
        Machine machine = hosts.GuestOf(fixture);
        string said = hosts[fixture].Run([NestedLauncher.Program, "doctor", machine.Name]).Text;
        Assert.Contains($"registered, its PID 1 is {machine.Show("Leader")} of the host", said, StringComparison.Ordinal);
        Assert.Contains("no link to the host", said, StringComparison.Ordinal);
    }
}
