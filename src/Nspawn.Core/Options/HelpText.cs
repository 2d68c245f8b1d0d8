using System.Text;

namespace Nspawn.Core;

/// <summary><c>--help</c>: usage, the verbs, and one line for each option of the table; never wider than 80 columns.</summary>
public static class HelpText
{
    private const int TextColumn = 32;

    /// <param name="programName">The name the program was called by; as systemd-nspawn it has no verbs.</param>
    public static string Of(string programName)
    {
        string program = ProgramName.Of(programName);
        StringBuilder help = new();
        _ = help.Append($"""
            Usage: {program} [OPTION...] [COMMAND [ARGUMENT...]]
                   {program} [OPTION...] --boot [INIT ARGUMENT...]

            """);
        if (ProgramName.IsSystemdNspawn(programName))
        {
            _ = help.Append("\nRun a command, or boot an OS tree, in a container.\n");
        }
        else
        {
            AppendVerbs(help, program);
        }

        foreach (OptionGroup group in OptionTable.Groups)
        {
            _ = help.Append($"\n{group.Title}:\n");
            foreach (Option option in group.Options)
            {
                AppendRow(help, Term(option), option.Help);
            }
        }

        return help.Append("""

            Where a list of values exists, OPTION=help prints it.
            See nspawn(1) for what each option means for the container.

            """).ToString();
    }

    private static void AppendVerbs(StringBuilder help, string program)
    {
        foreach (Verb verb in Verb.All)
        {
            string options = verb.Options.Length > 1 && verb.IsAboutMachines ? " [OPTION...]"
                : verb.Options.Length > 1 && verb.TakesLaunch ? "" // its operands begin with them
                : string.Concat(verb.Options.Select(option => $" [--{option.Name}]"));
            _ = help.Append($"       {program} {verb.Name}{options} {verb.Operands}".TrimEnd()).Append('\n');
        }

        _ = help.Append("\nRun a command, or boot an OS tree, in a container.\n\nVerbs:\n");
        foreach (Verb verb in Verb.All)
        {
            AppendRow(help, $"  {verb.Name}", verb.Help);
            foreach (Option option in verb.Options)
            {
                AppendRow(help, "  " + Term(option), option.Help);
            }
        }
    }

    // Where there is no room for what stands for the argument, the sign that there is one has to do.
    private static void AppendRow(StringBuilder help, string term, string text) =>
        help.Append((term.Length < TextColumn ? term : term[..(term.IndexOf('=') + 1)]).PadRight(TextColumn - 1)).Append(' ').Append(text).Append('\n');

    private static string Term(Option option)
    {
        if (option.ShortOnly)
        {
            return $"  -{option.Short}";
        }

        string shortName = option.Short is { } letter ? $"-{letter}" : "  ";
        string argument = option.Form switch
        {
            ArgumentForm.Required => $"={option.Metavar}",
            ArgumentForm.Optional => $"[={option.Metavar}]",
            _ => "",
        };
        return $"  {shortName} --{option.Name}{argument}";
    }
}
