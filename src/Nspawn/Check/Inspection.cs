using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>The verb check: looks at a tree, boots nothing and writes nothing.</summary>
internal static class Inspection
{
    /// <summary>Prints the report; 0: nothing stands in the way of a boot.</summary>
    public static int Of(ParsedCommandLine.Check asked)
    {
        // The host is asked for little: whose journal it keeps is of no interest.
        Settings settings = WithImage(asked.Settings) with { LinkJournal = LinkJournalMode.No };
        HostFacts host = HostReader.Read(settings, Environment.GetEnvironmentVariable);
        using OpenTree tree = OpenTree.ToLook(settings);
        TreeFacts facts = TreeReader.Read(tree.Root, tree.Source, settings, host);
        TreeSurvey survey = SurveyReader.Read(tree.Root, facts, BinaryFormat.ReadAll(), Count(tree));
        CheckReport report = CheckReport.Of(survey, host);
        bool colored = Processes.IsTerminal(StandardDescriptors.Output) && host is { NoColor: null or "", Term: not "dumb" };
        Output.Print(asked.Json ? report.Json() + "\n" : CheckText.Of(report, colored));
        return report.Errors > 0 || (asked.Strict && report.Warnings > 0) ? 1 : 0;
    }

    // What was named is a directory, or it is taken as --image= takes it.
    private static Settings WithImage(Settings settings) =>
        settings.Directory is string path
        && (FileStatus.At(path) is { Type: FileType.Regular or FileType.BlockDevice } || path.EndsWith(ImageSearch.RawSuffix + ".v", StringComparison.Ordinal))
            ? settings with { Directory = null, Image = path }
            : settings;

    private static TreeCensus Count(OpenTree tree)
    {
        CensusTaker census = new();
        WalkProgress progress = new();
        TreeWalk walk = new(tree.Root.Handle, intoMounts: tree.IsDetached);
        try
        {
            walk.Visit((in WalkedFile file) =>
            {
                census.Count(file);
                progress.Show(census.Files);
            });
        }
        finally
        {
            progress.Clear();
        }

        return census.Result(walk.Unread);
    }
}
