using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

/// <summary>What is read out of the texts of a tree or of the host; every one of them may be malformed.</summary>
public class TreeTextTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/bash
        # a comment
        short:x:1
        joe:x:1000:100:Joe,,,:/home/joe:/bin/zsh
        1001:x:1002:100::/home/n:/bin/sh
        ann:x:1001:100::/home/ann:/bin/sh
        twin:x:1000:7::/home/twin:/bin/sh
        minus:x:-1:100::/:/bin/sh
        wide:x:4294967295:100::/:/bin/sh
        cut:x:65535:100::/:/bin/sh
        group:x:1003:x::/:/bin/sh
        """ + "\nnul:x:1004:100::/ho\0me:/bin/sh\n";

    private const string Group = """
        audio:x:29:joe,ann
        video:x:44:ann,joe
        users:x:100:joe
        jo:x:45:jo,joes
        bad:x:y:joe
        short:x:46
        """;

    [Theory]
    [InlineData("root", 0, 0, "/root", "/bin/bash", "")]
    [InlineData("0", 0, 0, "/root", "/bin/bash", "")]
    [InlineData("joe", 1000, 100, "/home/joe", "/bin/zsh", "29 44")]
    [InlineData("1000", 1000, 100, "/home/joe", "/bin/zsh", "29 44")]
    [InlineData("1001", 1002, 100, "/home/n", "/bin/sh", "")]
    [InlineData("twin", 1000, 7, "/home/twin", "/bin/sh", "")]
    public void A_user_is_found_by_name_and_then_by_number(string name, uint uid, uint gid, string home, string shell, string groups)
    {
        TreeUser user = Assert.IsType<TreeUser>(UserDatabase.Find(name, Passwd, () => Group));

        Assert.Equal((uid, gid, home, shell, groups), (user.Uid, user.Gid, user.Home, user.Shell, string.Join(' ', user.Groups)));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("")]
    [InlineData("short")]
    [InlineData("minus")]
    [InlineData("wide")]
    [InlineData("cut")]
    [InlineData("group")]
    [InlineData("nul")]
    [InlineData("# a comment")]
    public void A_user_that_is_not_there_or_malformed_is_none(string name) =>
        Assert.Null(UserDatabase.Find(name, Passwd, () => Group));

    [Theory]
    [InlineData("libsystemd-shared-252.so", 252)]
    [InlineData("libsystemd-shared-257.9-1.so", 257)]
    [InlineData("libsystemd-shared-262~rc1.so", 262)]
    [InlineData("libsystemd-shared-.so", null)]
    [InlineData("libsystemd-shared-x.so", null)]
    [InlineData("libsystemd-shared-99999999999.so", null)]
    [InlineData("libsystemd-shared-252.so.1", null)]
    [InlineData("libsystemd-shared-252", null)]
    [InlineData("libsystemd-core-252.so", null)]
    [InlineData("", null)]
    public void The_library_says_the_version_of_systemd(string file, int? version) => Assert.Equal(version, SystemdVersion.Parse(file));

    [Theory]
    [InlineData("/usr/share/zoneinfo/Europe/Berlin", "Europe/Berlin")]
    [InlineData("../usr/share/zoneinfo/UTC", "UTC")]
    [InlineData("/usr/share/zoneinfo/", null)]
    [InlineData("/usr/share/zoneinfo/..", null)]
    [InlineData("/usr/share/zoneinfo/../../../etc/shadow", null)]
    [InlineData("/usr/share/zoneinfo/Europe/../UTC", null)]
    [InlineData("/usr/share/zoneinfo//UTC", null)]
    [InlineData("../../usr/share/zoneinfo/UTC", null)]
    [InlineData("/etc/zone", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void The_link_names_a_zone_only_in_the_zone_data(string? link, string? zone) => Assert.Equal(zone, Localtime.ZoneOf(link));

    [Theory]
    [InlineData("ID=debian\nVERSION_ID=\"12\"\n", "container_host_id=debian container_host_version_id=12")]
    [InlineData("VARIANT_ID='v'\nBUILD_ID=b\nID=a\n", "container_host_id=a container_host_build_id=b container_host_variant_id=v")]
    [InlineData("NAME=x\nPRETTY_NAME=\"y z\"\n#ID=c\n ID=d\nIDX=e\n", "")]
    [InlineData("ID=", "container_host_id=")]
    [InlineData("ID=a\r\nVERSION_ID=1\r\n", "container_host_id=a container_host_version_id=1")]
    [InlineData("ID=a\0b\nVERSION_ID=1\tx\nBUILD_ID=\u001b[0m\n", "")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Four_fields_of_os_release_are_handed_on_and_nothing_that_breaks_a_line(string? text, string variables) =>
        Assert.Equal(variables, string.Join(' ', HostReader.OsReleaseVariables(text)));

    [Fact]
    public void No_os_release_makes_more_than_one_plain_variable_of_a_field()
    {
        Random random = new(11);
        string[] pieces = ["ID", "VERSION_ID", "=", "\n", "\0", "\r", "\"", "'", "\\", " ", "x", "\u2028", "\u0085", "\f", "PATH=/evil"];
        for (int i = 0; i < 5000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => pieces[random.Next(pieces.Length)]));

            Assert.All(HostReader.OsReleaseVariables(text), variable =>
            {
                Assert.StartsWith("container_host_", variable);
                Assert.DoesNotContain(variable, char.IsControl);
            });
        }
    }

    [Fact]
    public void The_host_is_asked_for_these_variables_and_no_others()
    {
        List<string> asked = [];
        HostFacts host = HostReader.Read(Settings.Default, name =>
        {
            asked.Add(name);
            return null;
        });

        Assert.Equal(["COLORTERM", "DBUS_SYSTEM_BUS_ADDRESS", "LISTEN_PID", "NO_COLOR", "SYSTEMD_NSPAWN_CONTAINER_SERVICE", "SYSTEMD_NSPAWN_LOCK", "TERM", "TMPDIR"], asked.Distinct().Order());
        Assert.Equal((0, "systemd-nspawn"), (host.ListenFds, host.ContainerService));
    }
}
