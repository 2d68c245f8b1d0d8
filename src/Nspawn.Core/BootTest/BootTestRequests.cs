using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>From the command line of <c>nspawn test</c> to what is asked for.</summary>
internal static class BootTestRequests
{
    private const int MostReboots = 1000;
    private const double MostPercent = 100_000;

    /// <summary>What a poll can wait for.</summary>
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(20);

    /// <param name="given">Its own options and those of the launch, in order.</param>
    /// <param name="command">What stood behind them.</param>
    /// <param name="context">The caller's environment.</param>
    public static BootTestRequest Of(IReadOnlyList<Assignment> given, ImmutableArray<string> command, OptionContext context)
    {
        ImmutableArray<Option> own = Verb.Test.Options;
        Request launch = TestedLaunch.Of(given.Where(one => !own.Contains(one.Option)), context);
        string? Last(string option) => given.LastOrDefault(one => one.Option.Name == option).Value;
        ImmutableArray<string> All(string option) => [.. given.Where(one => one.Option.Name == option).Select(one => one.Value ?? "")];
        T Judge<T>(string option, string value, Func<string, T> parse)
        {
            try
            {
                return parse(value);
            }
            catch (UsageException refusal)
            {
                throw new UsageException($"--{option}={Message.Printable(value)}: {refusal.Message}");
            }
        }

        if (Last(Verb.ToleranceOption) is not null && Last(Verb.CompareOption) is null)
        {
            throw new UsageException("--tolerance says how far a boot may be from a baseline: it needs --compare=FILE");
        }

        ImmutableArray<ReportTarget> outputs = [.. All(Verb.OutputOption).Select(path => Judge(Verb.OutputOption, path, ReportTarget.Of)).Distinct()];
        if (outputs.Count(one => one.IsOutput) > 1)
        {
            throw new UsageException("only one report can go to standard output; give the other a file, such as --output=report.xml");
        }

        if (Last(Verb.JobsOption) is not null)
        {
            throw new UsageException("--jobs says how many images are tested at once: it needs --matrix=PATH");
        }

        return new BootTestRequest(launch)
        {
            Options = TestedLaunch.Spell(given, showsSecrets: false),
            Timeout = Last(Verb.TimeoutOption) is string timeout ? Judge(Verb.TimeoutOption, timeout, PositiveTime) : BootTestRequest.DefaultTimeout,
            Target = Last(Verb.TargetOption) is string target ? Judge(Verb.TargetOption, target, Unit) : null,
            AllowFailed = All(Verb.AllowFailedOption),
            Checks = [.. All(Verb.CheckOption).Select(line => Judge(Verb.CheckOption, line, Line))],
            Command = command,
            MaxBootTime = Last(Verb.MaxBootTimeOption) is string limit ? Judge(Verb.MaxBootTimeOption, limit, PositiveTime) : null,
            Reboots = Last(Verb.RebootsOption) is string count ? Judge(Verb.RebootsOption, count, Count) : 0,
            Runs = Last(Verb.RunsOption) is string runs ? Judge(Verb.RunsOption, runs, OneOrMore) : 1,
            WantsTraces = given.Any(one => one.Option.Name == Verb.TracesOption),
            IsQuiet = given.Any(one => one.Option.Name == "quiet"),
            SaveBaseline = Last(Verb.SaveBaselineOption),
            Compare = Last(Verb.CompareOption),
            Tolerance = Last(Verb.ToleranceOption) is string part ? Judge(Verb.ToleranceOption, part, Percent) : BaselineComparison.DefaultTolerance,
            Outputs = outputs,
        };
    }

    private static TimeSpan PositiveTime(string text) =>
        text == "infinity" ? s_longest : TimeSpans.Microseconds(text, "s") is > 0 and var time
            ? TimeSpan.FromMicroseconds(Math.Min(time, (ulong)s_longest.TotalMicroseconds))
            : throw new UsageException("no machine boots in no time");

    private static double Percent(string text) =>
        double.TryParse(text.EndsWith('%') ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent <= MostPercent
            ? percent / 100 : throw new UsageException("expected a percentage, such as 20%");

    private static string Unit(string text) =>
        UnitNames.IsValid(text) ? text : throw new UsageException("expected the name of a unit, such as multi-user.target");

    private static string Line(string text) =>
        text.AsSpan().Trim().IsEmpty || text.Contains('\0') ? throw new UsageException("expected a command for the machine's shell") : text;

    private static int OneOrMore(string text) => Count(text) is > 0 and int count ? count : throw new UsageException("one run is the least");

    private static int Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= MostReboots
            ? count : throw new UsageException($"expected a number up to {MostReboots}");
}
