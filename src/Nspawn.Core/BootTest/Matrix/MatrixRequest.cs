using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Many images, each tested as a single one is.</summary>
/// <param name="Source">A directory of trees and images, or a list of their paths.</param>
/// <param name="Jobs">How many at once.</param>
/// <param name="Options">What each test is asked, in words.</param>
/// <param name="Command">The command that ends each test; empty: none.</param>
/// <param name="Outputs">Where reports go; see <see cref="MatrixReports"/>.</param>
public sealed record MatrixRequest(
    string Source, int Jobs, ImmutableArray<string> Options, ImmutableArray<string> Command, ImmutableArray<string> Outputs)
{
    private const int MostJobs = 1000;
    private static readonly ImmutableArray<string> s_own = [Verb.MatrixOption, Verb.JobsOption, Verb.OutputOption];

    /// <summary>What one image has and others cannot share.</summary>
    private static readonly ImmutableArray<string> s_ofOne =
        ["directory", "image", "oci-bundle", "template", "machine", Verb.SaveBaselineOption, Verb.CompareOption];

    /// <exception cref="UsageException">The options contradict each other.</exception>
    internal static MatrixRequest Of(IReadOnlyList<Assignment> given, ImmutableArray<string> command, OptionContext context)
    {
        foreach (Assignment one in given.Where(one => s_ofOne.Contains(one.Option.Name)))
        {
            throw new UsageException($"--{one.Option.Name} is about one image: it does not go with --{Verb.MatrixOption}");
        }

        string? Last(string option) => given.LastOrDefault(one => one.Option.Name == option).Value;
        ImmutableArray<string> outputs = [.. given.Where(one => one.Option.Name == Verb.OutputOption).Select(one => one.Value ?? "")];
        foreach (string output in outputs)
        {
            MatrixReports.Check(output);
        }

        return new MatrixRequest(
            HostPath.Absolute(Last(Verb.MatrixOption)!, context), Last(Verb.JobsOption) is string jobs ? JobsOf(jobs) : Environment.ProcessorCount,
            TestedLaunch.Spell(given.Where(one => !s_own.Contains(one.Option.Name)), showsSecrets: true), command, outputs);
    }

    /// <summary>The words of one test, behind the program's name.</summary>
    /// <param name="entry">The image.</param>
    /// <param name="option">The option that its path is given with: directory, image or oci-bundle.</param>
    public ImmutableArray<string> WordsFor(MatrixEntry entry, string option) =>
    [
        Verb.Test.Name, $"--{option}={entry.Path}", .. Options, $"--{Verb.OutputOption}=json",
        .. MatrixReports.Of(Outputs, entry.Name).Select(output => $"--{Verb.OutputOption}={output}"),
        .. Command.IsEmpty ? [] : (string[])["--", .. Command],
    ];

    private static int JobsOf(string text) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int jobs) && jobs is > 0 and <= MostJobs
            ? jobs : throw new UsageException($"--{Verb.JobsOption}={Message.Printable(text)}: expected a number from 1 to {MostJobs}");
}
