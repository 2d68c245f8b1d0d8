using System.Collections.Immutable;
using Nspawn.Linux;

namespace Nspawn.Core;

/// <summary>What is asked of a boot test.</summary>
/// <param name="Launch">The launch; see <see cref="TestedLaunch"/>.</param>
public sealed record BootTestRequest(Request Launch)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(120);

    /// <summary>The command line, for the report.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>From the start to the verdict, everything included.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The unit that is to be reached; null: what the machine boots to by itself.</summary>
    public string? Target { get; init; }

    /// <summary>Patterns of units that may fail.</summary>
    public ImmutableArray<string> AllowFailed { get; init; } = [];

    /// <summary>Lines for the machine's shell, which have to succeed.</summary>
    public ImmutableArray<string> Checks { get; init; } = [];

    /// <summary>The last check: a program and its arguments, whose output is the caller's too. Empty: none.</summary>
    public ImmutableArray<string> Command { get; init; } = [];

    /// <summary>The longest time to the target.</summary>
    public TimeSpan? MaxBootTime { get; init; }

    /// <summary>How often it is rebooted after the first boot; each boot is judged.</summary>
    public int Reboots { get; init; }

    public ImmutableArray<ReportTarget> Outputs { get; init; } = [];

    /// <summary>How often it is tested, each time from the tree as it is; times are compared by their medians.</summary>
    public int Runs { get; init; } = 1;

    /// <summary>The file to keep its times in; null: none.</summary>
    public string? SaveBaseline { get; init; }

    /// <summary>The baseline to compare with; null: none.</summary>
    public string? Compare { get; init; }

    /// <summary>The part by which a unit, or the boot, may be slower than the baseline.</summary>
    public double Tolerance { get; init; } = BaselineComparison.DefaultTolerance;

    /// <summary>What it listens on and what it has written is to be in the report.</summary>
    public bool WantsTraces { get; init; }

    /// <summary>When each unit started is of use to somebody.</summary>
    public bool WantsTimes => SaveBaseline is not null || Compare is not null || Outputs.Any(one => one.Format is not null);

    /// <summary>A test that is passed has nothing to say.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>Where people are told: elsewhere than programs.</summary>
    public int TextDescriptor => Outputs.Any(one => one.IsOutput) ? StandardDescriptors.Error : StandardDescriptors.Output;
}
