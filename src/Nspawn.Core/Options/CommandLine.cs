using System.Collections.Immutable;
using System.CommandLine;

namespace Nspawn.Core;

/// <summary>From argv to what is asked for. Nothing behind this knows an option's name.</summary>
public static class CommandLine
{
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="programName">The name it was called by: as systemd-nspawn it has no verbs and answers as that one does.</param>
    /// <param name="context">The caller's environment and directory.</param>
    /// <exception cref="UsageException">One line that names the option, the value and what is accepted.</exception>
    public static ParsedCommandLine Parse(string[] args, string programName, OptionContext context)
    {
        Verb? verb = Verb.Of(args, programName);
        Getopt.Line line = verb is null
            ? Getopt.Normalise(args, OptionTable.All)
            : Getopt.Normalise(args.AsSpan(1), verb.Accepted);
        ParseResult result = Grammar.Parse(verb, line);

        Settings settings = Settings.Default;
        HashSet<string> given = [];
        foreach ((Option option, string? value) in Grammar.Assignments(result, line.Options))
        {
            if (TextOf(option, value, programName) is { } text)
            {
                return new ParsedCommandLine.ShowText(text);
            }

            settings = Apply(option, value, settings, context);
            _ = given.Add(option.Name);
        }

        settings = settings with { Arguments = Grammar.Operands(result) };
        if (verb == Verb.Completion)
        {
            return new ParsedCommandLine.ShowText(CompletionScript.Of(OnlyOperand(verb, settings.Arguments)));
        }

        if (verb == Verb.Doctor)
        {
            return settings.Arguments.Length > 1
                ? throw new UsageException("doctor takes the name of one machine, or none")
                : new ParsedCommandLine.Examine(settings.Arguments is [string name] ? MachineNames.Parse(name) : null, result.GetValue<bool>($"--{Verb.JsonOption}"));
        }

        SettingsRules.Check(settings, given);
        settings = BootArguments.Split(settings);
        return verb == Verb.Explain
            ? new ParsedCommandLine.Explain(settings, result.GetValue<bool>($"--{Verb.JsonOption}"))
            : settings.CleanUp ? new ParsedCommandLine.CleanUp(settings)
            : new ParsedCommandLine.Launch(settings);
    }

    private static string OnlyOperand(Verb verb, ImmutableArray<string> operands) =>
        operands.Length == 1 && verb.Operands.Contains(operands[0])
            ? operands[0]
            : throw new UsageException($"{verb.Name} takes one of {string.Join(", ", verb.Operands)}");

    /// <summary>What an option prints instead of launching; null when it does not.</summary>
    private static string? TextOf(Option option, string? value, string programName) =>
        option.Text is not null ? option.Text(programName)
        : value == "help" && option.Values is not null ? string.Concat(option.Values().Select(one => one + "\n"))
        : null;

    private static Settings Apply(Option option, string? value, Settings settings, OptionContext context)
    {
        try
        {
            return option.Apply(settings, value, context);
        }
        catch (UsageException refusal)
        {
            string shown = value is null || option.Secret ? "" : $"={Message.Printable(value)}";
            throw new UsageException($"--{option.Name}{shown}: {refusal.Message}");
        }
    }
}
