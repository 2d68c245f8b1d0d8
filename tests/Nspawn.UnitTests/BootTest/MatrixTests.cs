using Nspawn.Core;
using Xunit;

namespace Nspawn.UnitTests;

public class MatrixTests
{
    [Fact]
    public void A_list_has_a_path_a_line_and_every_image_a_name_of_its_own()
    {
        IEnumerable<string> paths = MatrixEntry.Listed("# mine\n/srv/trixie\n\n  b/trixie.raw \nb/trixie.img\n/\n", "/home/me");

        Assert.Equal(["/srv/trixie", "/home/me/b/trixie.raw", "/home/me/b/trixie.img", "/"], paths);
        Assert.Equal(["trixie", "trixie-2", "trixie-3", "root"], MatrixEntry.Named(paths).Select(entry => entry.Name));
    }

    [Fact]
    public void Each_image_has_reports_of_its_own()
    {
        Assert.Equal(["out/a.xml", "out/a.json", "out/a.svg", "out/a.txt", "out/a.log", "a-boot.tap"], MatrixReports.Of(["out/", "{}-boot.tap"], "a"));
        Assert.Contains("as in out/{}.xml", Assert.Throws<UsageException>(() => MatrixReports.Check("boot.xml")).Message);
        Assert.Contains("as in out/{}.xml", Assert.Throws<UsageException>(() => MatrixReports.Check("{}/boot.xml")).Message);
        Assert.StartsWith("--output={}.doc: the name does not say which", Assert.Throws<UsageException>(() => MatrixReports.Check("{}.doc")).Message);
        Assert.Equal(["out/a.xml", "out/a.json", "out/a.svg", "out/a.txt", "out/a.log"], MatrixReports.Of(["out/", "out/{}.txt", "out/"], "a"));
    }

    [Fact]
    public void A_limit_that_is_too_low_is_said_with_its_remedy()
    {
        Dictionary<string, string> host = new()
        {
            ["/proc/sys/fs/inotify/max_user_instances"] = "128\n",
            ["/proc/sys/kernel/pty/max"] = "4096\n",
            ["/proc/sys/kernel/pty/nr"] = "4\n",
            ["/proc/sys/kernel/pid_max"] = "4194304\n",
            ["/proc/sys/kernel/threads-max"] = "1000\n",
            ["/proc/loadavg"] = "0.50 0.40 0.30 2/900 12345\n",
        };

        Assert.Equal(
            [
                "10 machines at once may need 180 inotify instances, and fs.inotify.max_user_instances is 128; sysctl -w fs.inotify.max_user_instances=1024, or --jobs=6",
                "10 machines at once may need 1900 threads, and kernel.threads-max is 1000; sysctl -w kernel.threads-max=2048, or --jobs=1",
            ],
            MatrixLimits.TooLow(10, host.GetValueOrDefault, inotifyUsed: 20));
        Assert.Empty(MatrixLimits.TooLow(1, host.GetValueOrDefault, inotifyUsed: 20));
        Assert.Empty(MatrixLimits.TooLow(1000, _ => null, inotifyUsed: 0));
    }

    [Fact]
    public void The_worst_verdict_is_that_of_all_and_the_table_names_each()
    {
        MatrixResult[] results =
        [
            MatrixResult.Of(new MatrixEntry("trixie", "/srv/trixie"), SampleReports.Healthy),
            MatrixResult.Of(new MatrixEntry("a|b\n::error::x", "/srv/b"), SampleReports.Degraded),
            MatrixResult.Of(new MatrixEntry("slow", "/srv/slow"), SampleReports.Hung),
        ];

        Assert.Equal(Verdict.TimedOut, MatrixSummary.Worst(results));
        Assert.Equal(Verdict.Passed, MatrixSummary.Worst(results[..1]));
        string[] lines = MatrixSummary.Text(results).TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("trixie          passed        0.41 s  multi-user.target", lines[1]);
        Assert.Equal("1 of 3 passed", lines[4]);
        Assert.All(MatrixSummary.Markdown(results).TrimEnd('\n').Split('\n'), line => Assert.Equal(5, line.Count(c => c == '|')));
    }

    [Theory]
    [InlineData("--directory is about one image: it does not go with --matrix", "-D", "/srv/x")]
    [InlineData("--machine is about one image: it does not go with --matrix", "-M", "x")]
    [InlineData("--jobs=0: expected a number from 1 to 1000", "--jobs", "0")]
    [InlineData("--output=x.xml: with --matrix each image has a report of its own: expected a directory, as in out/, or a name with {} for the image, as in out/{}.xml", "-o", "x.xml")]
    public void What_is_about_one_image_does_not_go_with_many(string why, params string[] words)
    {
        Assert.Equal(why, Assert.Throws<UsageException>(() => Commands.Parse(["test", "--matrix=/srv", .. words])).Message);
    }

    [Fact]
    public void Each_test_is_asked_what_all_are()
    {
        MatrixRequest request = Assert.IsType<ParsedCommandLine.TestMany>(
            Commands.Parse(["test", "--matrix", "/srv", "--jobs", "3", "--timeout=9", "--private-network", "-o", "/out/{}.tap", "--", "true", "-x"])).Request;

        Assert.Equal(3, request.Jobs);
        Assert.Equal(
            ["test", "--image=/srv/a.raw", "--timeout=9", "--private-network", "--output=json", "--output=/out/a.tap", "--", "true", "-x"],
            request.WordsFor(new MatrixEntry("a", "/srv/a.raw"), "image"));
    }

    [Theory]
    [InlineData("--tolerance says how far a boot may be from a baseline: it needs --compare=FILE", "--tolerance=5")]
    [InlineData("--jobs says how many images are tested at once: it needs --matrix=PATH", "--jobs=5")]
    [InlineData("--tolerance=much: expected a percentage, such as 20%", "--compare=x", "--tolerance=much")]
    [InlineData("--runs=-1: expected a number up to 1000", "--runs=-1")]
    public void An_option_that_says_nothing_is_refused(string why, params string[] words)
    {
        Assert.Equal(why, Assert.Throws<UsageException>(() => Commands.Parse(["test", "-D", "/srv/x", .. words])).Message);
    }
}
