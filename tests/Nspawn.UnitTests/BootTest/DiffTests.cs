using System.Text.Json;
using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class DiffTests
{
    private static readonly BootReport s_after = SampleReports.Degraded with
    {
        Image = "/srv/trees/new",
        Systemd = "258",
        Listening = ["tcp 0.0.0.0:22", "tcp [::]:80"],
        Written = ["/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", "/etc/machine-id"],
    };

    private static readonly BootReport s_before = SampleReports.Healthy with
    {
        Listening = ["tcp 0.0.0.0:22", "udp 0.0.0.0:68"],
        Written = ["/var/log/journal/fedcba9876543210fedcba9876543210/system.journal"],
    };

    [Fact]
    public void What_came_what_went_and_what_is_another()
    {
        string text = DiffText.Of(BootDiff.Of(s_before, s_after));

        Assert.Equal(
            """
            --- /srv/trees/trixie
            +++ /srv/trees/new
            system:
              state: degraded, was running
              systemd: 258, was 257 (257.9-1)
              verdict: failedUnits, was passed
            failed units:
              + foo.mount
              + nginx.service
              + rpc.service
            units:
              nginx.service: failed, was active
              + foo.mount
              + rpc.service
            listening sockets:
              - udp 0.0.0.0:68
              + tcp [::]:80
            files written:
              + /etc/machine-id

            """,
            text);
    }

    [Fact]
    public void The_same_image_twice_does_not_differ()
    {
        BootDiff diff = BootDiff.Of(s_before, s_before);

        Assert.True(diff.IsEmpty);
        Assert.Equal("--- /srv/trees/trixie\n+++ /srv/trees/trixie\nno differences\n", DiffText.Of(diff));
    }

    [Fact]
    public void The_json_has_a_schema_and_all_subjects()
    {
        JsonElement json = JsonDocument.Parse(BootDiff.Of(s_before, s_after).Json()).RootElement;

        Assert.Equal("nspawn.diff/1", json.GetProperty("schema").GetString());
        Assert.Equal(
            ["system", "failed units", "units", "times", "listening sockets", "files written"],
            json.GetProperty("sections").EnumerateArray().Select(section => section.GetProperty("subject").GetString()));
        Assert.Equal("tcp [::]:80", json.GetProperty("sections")[4].GetProperty("added")[0].GetString());
    }

    [Fact]
    public void Whatever_the_guests_wrote_a_line_stays_a_line()
    {
        BootReport hostile = SampleReports.HostileOf(s_after) with { Listening = SampleReports.Hostile, Written = SampleReports.Hostile };
        BootDiff diff = BootDiff.Of(s_before, hostile);

        Assert.All(DiffText.Of(diff).TrimEnd('\n').Split('\n')[2..], line => Assert.Matches("^(  |[a-z ]+:$)", line));
        Assert.DoesNotContain("<script", DiffText.Markdown(diff));
    }

    [Fact]
    public void The_kernels_tables_are_read()
    {
        const string Tcp = "  sl  local_address rem_address   st tx_queue\n   0: 00000000:0016 00000000:0000 0A 00000000:00000000\n   1: 0100007F:0035 00000000:0000 01 0\n";
        const string Tcp6 = "  sl  local_address\n   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0\n   1: 00000000000000000000000001000000:0277 0:0 0A\n";
        const string Udp = "  sl\n  10: 3600007F:0035 00000000:0000 07 0\n";

        Assert.Equal(["tcp 0.0.0.0:22"], ListeningSockets.Of("tcp", Tcp));
        Assert.Equal(["tcp [::]:80", "tcp [::1]:631"], ListeningSockets.Of("tcp6", Tcp6));
        Assert.Equal(["udp 127.0.0.54:53"], ListeningSockets.Of("udp", Udp));
        Assert.Empty(ListeningSockets.Of("tcp", "x\n: : : 0A\na 0000000g:00 b 0A\n 1: 00000000:zz 0 0A\n"));
    }

    [Theory]
    [InlineData("diff compares two: nspawn diff TREE TREE, each a directory or an image", "/srv/a")]
    [InlineData("--machine is about one image: diff boots two, which stand behind it", "/srv/a", "/srv/b", "-M", "x")]
    public void Two_images_and_what_both_share(string why, params string[] words)
    {
        Assert.Equal(why, Assert.Throws<UsageException>(() => Commands.Parse(["diff", .. words])).Message);
    }

    [Fact]
    public void Both_boot_on_networks_of_their_own()
    {
        DiffRequest request = Assert.IsType<ParsedCommandLine.Diff>(Commands.Parse(["diff", "--json", "/srv/a", "/srv/b", "--timeout=9"])).Request;

        Assert.Equal(DiffForm.Json, request.Form);
        Assert.Equal(["test", "--directory=/srv/a", "--private-network", "--timeout=9", "--traces", "--output=json"], request.WordsFor("/srv/a", "directory"));
        Assert.DoesNotContain("--private-network", Assert.IsType<ParsedCommandLine.Diff>(Commands.Parse(["diff", "/srv/a", "/srv/b", "-n"])).Request.Options);
    }
}
