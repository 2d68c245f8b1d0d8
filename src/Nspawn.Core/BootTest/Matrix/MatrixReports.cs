using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>The reports of many tests: of each one, by a name made of the image's.</summary>
public static class MatrixReports
{
    /// <summary>Stands for the image's name.</summary>
    public const string Place = "{}";

    // What is written into a directory.
    private static readonly ImmutableArray<string> s_endings = ["xml", "json", "svg", "txt", "log"];

    /// <summary>It is a directory by its name: the reports that are usual go there.</summary>
    public static bool IsDirectory(string output) => output.EndsWith('/');

    /// <summary>Whether reports of several images can be written there.</summary>
    /// <exception cref="UsageException">They would all be one file, or which report it is to be is unknown.</exception>
    public static void Check(string output)
    {
        if (IsDirectory(output))
        {
            return;
        }

        string option = $"--{Verb.OutputOption}={Message.Printable(output)}";
        if (!output[(output.LastIndexOf('/') + 1)..].Contains(Place, StringComparison.Ordinal))
        {
            throw new UsageException($"{option}: with --matrix each image has a report of its own: expected a directory, as in out/, or a name with {Place} for the image, as in out/{Place}.xml");
        }

        try
        {
            _ = ReportTarget.Of(output);
        }
        catch (UsageException refusal)
        {
            throw new UsageException($"{option}: {refusal.Message}");
        }
    }

    /// <param name="outputs">What was asked for.</param>
    /// <param name="name">The image's name.</param>
    public static ImmutableArray<string> Of(ImmutableArray<string> outputs, string name) =>
    [
        .. outputs.SelectMany(output => IsDirectory(output)
            ? s_endings.Select(ending => $"{output}{name}.{ending}")
            : [output.Replace(Place, name, StringComparison.Ordinal)]).Distinct(),
    ];
}
