using Nspawn.Core;
using Nspawn.Linux;
using Xunit;

namespace Nspawn.UnitTests;

public class ResourceValueTests
{
    [Theory]
    [InlineData("NOFILE=1024:4096", RlimitResource.Nofile, 1024, 4096)]
    [InlineData("RLIMIT_NOFILE=7", RlimitResource.Nofile, 7, 7)]
    [InlineData("core=infinity", RlimitResource.Core, Rlimit.Infinity, Rlimit.Infinity)]
    [InlineData("RLIMIT_CORE=0:infinity", RlimitResource.Core, 0, Rlimit.Infinity)]
    [InlineData("STACK=8M", RlimitResource.Stack, 8 << 20, 8 << 20)]
    [InlineData("AS=1.5G", RlimitResource.As, 3UL << 29, 3UL << 29)]
    [InlineData("MEMLOCK=64K:1024K", RlimitResource.Memlock, 64 << 10, 1 << 20)]
    [InlineData("CPU=1min 30s:2h", RlimitResource.Cpu, 90, 7200)]
    [InlineData("CPU=1500ms", RlimitResource.Cpu, 2, 2)]
    [InlineData("CPU=90", RlimitResource.Cpu, 90, 90)]
    [InlineData("RTTIME=5ms", RlimitResource.Rttime, 5000, 5000)]
    [InlineData("RTTIME=5", RlimitResource.Rttime, 5, 5)]
    [InlineData("NICE=-5", RlimitResource.Nice, 25, 25)]
    [InlineData("NICE=+19", RlimitResource.Nice, 1, 1)]
    [InlineData("NICE=40", RlimitResource.Nice, 40, 40)]
    public void A_resource_limit_is_written_in_its_own_unit(string text, RlimitResource resource, ulong soft, ulong hard) =>
        Assert.Equal(new Rlimit(soft, hard), Rlimits.Add(Settings.Default.Rlimits, text)[resource]);

    [Theory]
    [InlineData("NOFILE")]
    [InlineData("NOFILE=")]
    [InlineData("NOFILE=1:")]
    [InlineData("NOFILE=:1")]
    [InlineData("NOFILE=2:1")]
    [InlineData("NOFILE=-1")]
    [InlineData("NOFILE=1K")]
    [InlineData("NOFILE=1:2:3")]
    [InlineData("FOO=1")]
    [InlineData("=1")]
    [InlineData("STACK=8X")]
    [InlineData("STACK=99999999E")]
    [InlineData("STACK=16E")]
    [InlineData("CPU=1 fortnight")]
    [InlineData("CPU=s")]
    [InlineData("CPU=99999999999999999999999999999999")]
    [InlineData("CPU=99999999999999999999w")]
    [InlineData("CPU=1.2.3")]
    [InlineData("NICE=-21")]
    [InlineData("NICE=+20")]
    public void Other_resource_limits_are_refused(string text) => Commands.Refused(() => Rlimits.Add(Settings.Default.Rlimits, text));

    [Theory]
    [InlineData("0-3,5 7", new[] { 0, 1, 2, 3, 5, 7 })]
    [InlineData("7,5,5-6", new[] { 5, 6, 7 })]
    [InlineData("", new int[0])]
    [InlineData("8191", new[] { 8191 })]
    public void Processors_are_listed_by_number_and_range(string text, int[] cpus) => Assert.Equal(cpus, CpuList.Parse(text));

    [Theory]
    [InlineData("3-0")]
    [InlineData("8192")]
    [InlineData("0-99999999999")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("1-2-3")]
    [InlineData("a")]
    public void Other_lists_of_processors_are_refused(string text) => Commands.Refused(() => CpuList.Parse(text));

    [Theory]
    [InlineData("-1000", -1000)]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    public void An_oom_score_is_within_a_thousand(string text, int score) => Assert.Equal(score, OomScore.Parse(text));

    [Theory]
    [InlineData("-1001")]
    [InlineData("1001")]
    [InlineData("")]
    [InlineData("1e2")]
    public void Other_oom_scores_are_refused(string text) => Commands.Refused(() => OomScore.Parse(text));
}
