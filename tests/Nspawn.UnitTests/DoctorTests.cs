using System.Diagnostics;
using System.Text.Json;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What <c>nspawn doctor</c> finds on hosts that lack something, and that it says what mends it.</summary>
public sealed class DoctorTests
{
    private const string Drops = """
        table inet filter {
        	chain input {
        		type filter hook input priority filter; policy drop;
        		ct state established,related accept
        	}

        	chain forward {
        		type filter hook forward priority filter; policy drop;
        		iifname { "ve-*", "vz-*" } accept
        	}

        	chain output {
        		type filter hook output priority filter; policy drop;
        	}
        }
        table ip other {
        	chain through {
        		type filter hook forward priority 10; policy drop;
        		iifname "ve-web" accept
        	}
        }
        """;

    private static readonly Dictionary<string, string> s_poor = new()
    {
        ["/proc/sys/fs/inotify/max_user_instances"] = "128\n",
        ["/proc/sys/fs/inotify/max_user_watches"] = "8192\n",
        ["/proc/sys/kernel/pid_max"] = "32768\n",
        ["/proc/sys/net/ipv4/neigh/default/gc_thresh3"] = "1024\n",
        ["/proc/sys/user/max_user_namespaces"] = "0\n",
        ["/proc/sys/net/ipv4/ip_forward"] = "0\n",
    };

    private static readonly Dictionary<string, string> s_rich = new()
    {
        ["/proc/sys/fs/inotify/max_user_instances"] = "1024\n",
        ["/proc/sys/fs/inotify/max_user_watches"] = "524288\n",
        ["/proc/sys/kernel/pid_max"] = "4194304\n",
        ["/proc/sys/net/ipv4/neigh/default/gc_thresh3"] = "8192\n",
        ["/proc/sys/user/max_user_namespaces"] = "65536\n",
        ["/proc/sys/net/ipv4/ip_forward"] = "1\n",
        ["/proc/self/status"] = "Name:\tx\nSeccomp:\t0\n",
        ["/proc/filesystems"] = "nodev\toverlay\n",
    };

    [Fact]
    public void A_host_that_lacks_everything_is_told_of_each_with_what_mends_it()
    {
        Diagnosis[] findings = [.. OfHost(s_poor, false, CgroupLayout.Hybrid), .. OfNetwork(s_poor, [], null, false), .. OfNetwork(s_poor, [], Drops, false)];

        Assert.Equal(
            "bus cgroups dns firewall inotify kernel machined neighbours nftables processes route seccomp userns".Split(' '),
            findings.Where(one => one.Kind != DiagnosisKind.Good).Select(one => one.Topic).Distinct().Order());
        Assert.All(findings.Where(one => one.Kind != DiagnosisKind.Good), one => Assert.False(string.IsNullOrEmpty(one.Command), one.Text));
    }

    [Theory]
    [InlineData("inotify", "sysctl -w fs.inotify.max_user_instances=1024")]
    [InlineData("processes", "sysctl -w kernel.pid_max=4194304")]
    [InlineData("userns", "sysctl -w user.max_user_namespaces=65536")]
    [InlineData("bus", "apt install dbus")]
    [InlineData("machined", "apt install systemd-container")]
    [InlineData("cgroups", "systemd.unified_cgroup_hierarchy=1")]
    [InlineData("kernel", "modprobe overlay")]
    public void The_command_is_the_one_for_it(string topic, string command) =>
        Assert.Contains(OfHost(s_poor, false, CgroupLayout.Hybrid), one => one.Topic == topic && one.Command?.Contains(command, StringComparison.Ordinal) == true);

    [Fact]
    public void All_that_is_said_about_settings_can_be_done_and_survives_a_reboot()
    {
        string directory = Directory.CreateTempSubdirectory("nspawn-doctor").FullName;
        try
        {
            // sysctl(8) would change this machine's; what is there after a reboot is in the files.
            string[] commands = [.. OfHost(s_poor, false, CgroupLayout.Hybrid).Select(one => one.Command).OfType<string>().Where(one => one.Contains("sysctl", StringComparison.Ordinal))];
            string script = string.Join('\n', ["set -e", "sysctl() { echo \"$@\"; }", .. commands]).Replace("/etc/sysctl.d", directory, StringComparison.Ordinal);
            using Process shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true })!;
            string[] set = shell.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            shell.WaitForExit();

            Assert.Equal((0, 5), (shell.ExitCode, set.Length));
            Assert.Equal(
                set.Select(line => line.Replace("-w ", "", StringComparison.Ordinal)).Order(),
                Directory.GetFiles(directory, "*.conf").SelectMany(File.ReadAllLines).Order());
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void A_limit_that_a_network_namespace_does_not_show_is_not_called_unlimited()
    {
        Dictionary<string, string> files = s_rich.Where(file => !file.Key.EndsWith("gc_thresh3", StringComparison.Ordinal)).ToDictionary();
        Assert.Contains(OfHost(files, true, CgroupLayout.Unified), one => one is { Topic: "neighbours", Text: "net.ipv4.neigh.default.gc_thresh3 is not to be seen from here" });
    }

    [Theory]
    [InlineData(null, null, ">>/etc/resolv.conf")]
    [InlineData("search example.org\n", null, ">>/etc/resolv.conf")]
    [InlineData("nameserver 127.0.0.1\n", null, "mkdir -p /run/systemd/resolve && ")]
    [InlineData("nameserver 127.0.0.53\n", "# nothing\n", "resolvectl dns ")]
    public void Name_servers_are_added_where_they_are_missing(string? stub, string? uplink, string command)
    {
        Dictionary<string, string?> files = new() { ["/etc/resolv.conf"] = stub, ["/run/systemd/resolve/resolv.conf"] = uplink };
        Diagnosis dns = new NetworkExamination(files.GetValueOrDefault).Findings(false, [], "", null, true).Single(one => one.Topic == "dns");
        Assert.Equal(DiagnosisKind.Lack, dns.Kind);
        Assert.Contains(command, dns.Command);
    }

    [Fact]
    public void What_programs_read_is_in_the_manual()
    {
        string page = Repository.Read("src/Nspawn/man/nspawn.1.md");
        JsonElement one = JsonDocument.Parse(Diagnosis.Json([Diagnosis.Good("bus", "is there")])).RootElement[0];
        string table = page.Split("\n**nspawn doctor --json**\n")[1].Split("\n**nspawn ")[0];
        Assert.All(one.EnumerateObject(), member => Assert.Contains($"*{member.Name}*", table));
        Assert.All(Enum.GetNames<DiagnosisKind>(), kind => Assert.Contains($"*{kind.ToLowerInvariant()}*", table));
    }

    [Fact]
    public void A_host_that_lacks_nothing_is_all_good()
    {
        Diagnosis[] findings = [.. OfHost(s_rich, true, CgroupLayout.Unified), .. OfNetwork(s_rich, ["192.0.2.53"], "table ip x {\n}\n", true)];

        Assert.All(findings, one => Assert.Equal((DiagnosisKind.Good, null), (one.Kind, one.Command)));
        Assert.Contains(findings, one => one.Text.Contains("192.0.2.53", StringComparison.Ordinal));
    }

    [Fact]
    public void Controllers_that_are_not_handed_down_are_named() => Assert.Contains(
        new HostExamination(s_rich.GetValueOrDefault, _ => true).Findings(CgroupLayout.Unified, ["cpu", "io"], MachinedDoor.Varlink),
        one => one.Topic == "cgroups" && one.Text.EndsWith("memory, pids", StringComparison.Ordinal));

    [Fact]
    public void A_chain_that_drops_is_named_unless_it_knows_the_links()
    {
        Diagnosis[] drops = [.. NetworkExamination.Drops(Drops)];

        Assert.Equal(2, drops.Length);
        Assert.Contains("chain input of table inet filter", drops[0].Text);
        Assert.Contains("udp dport 67 accept", drops[0].Command);
        Assert.Contains("chain through of table ip other", drops[1].Text);
        Assert.Contains("nft insert rule ip other through iifname", drops[1].Command);
    }

    [Fact]
    public void For_people_the_command_is_below_and_for_programs_it_is_a_member()
    {
        Diagnosis[] findings = [Diagnosis.Good("bus", "is there"), new("dns", DiagnosisKind.Lack, "nobody to ask", "echo x >y && z")];

        Assert.Equal("good  bus          is there\nlack  dns          nobody to ask\n                   echo x >y && z\n", Diagnosis.Lines(findings));
        JsonElement[] read = [.. JsonDocument.Parse(Diagnosis.Json(findings)).RootElement.EnumerateArray()];
        Assert.Equal(("good", "lack"), (read[0].GetProperty("kind").GetString(), read[1].GetProperty("kind").GetString()));
        Assert.Equal("echo x >y && z", read[1].GetProperty("command").GetString());
        Assert.Equal(JsonValueKind.Null, read[0].GetProperty("command").ValueKind);
    }

    private static IEnumerable<Diagnosis> OfHost(Dictionary<string, string> files, bool exists, CgroupLayout cgroups) =>
        new HostExamination(files.GetValueOrDefault, _ => exists).Findings(cgroups, ["cpu", "memory", "pids", "io"], exists ? MachinedDoor.Varlink : MachinedDoor.None);

    private static IEnumerable<Diagnosis> OfNetwork(Dictionary<string, string> files, string[] nameServers, string? rules, bool hasRoute) =>
        new NetworkExamination(files.GetValueOrDefault).Findings(false, nameServers, rules, rules is null ? "no libnftables" : null, hasRoute);
}
