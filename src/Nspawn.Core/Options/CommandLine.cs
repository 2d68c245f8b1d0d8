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
            : Getopt.Normalise(args.AsSpan(1), verb.Accepted, verb.Leading);
        ParseResult result = Grammar.Parse(verb, line);

        ImmutableArray<Assignment>.Builder assignments = ImmutableArray.CreateBuilder<Assignment>();
        foreach (Assignment one in Grammar.Assignments(result, line.Options))
        {
            if (TextOf(one.Option, one.Value, programName) is { } text)
            {
                return new ParsedCommandLine.ShowText(text);
            }

            assignments.Add(one);
        }

        ImmutableArray<string> operands = Grammar.Operands(result);
        if (verb == Verb.Completion)
        {
            return new ParsedCommandLine.ShowText(CompletionScript.Of(OnlyOperand(verb, operands)));
        }

        bool Asked(string own) => result.GetValue<bool>($"--{own}");
        if (verb == Verb.Doctor)
        {
            return operands.Length > 1
                ? throw new UsageException("doctor takes the name of one machine, or none")
                : new ParsedCommandLine.Examine(operands is [string name] ? MachineNames.Parse(name) : null, Asked(Verb.JsonOption));
        }

        if (verb is { IsAboutMachines: true })
        {
            return new ParsedCommandLine.OnMachine(MachineRequests.Of(verb, assignments, operands, context));
        }

        if (verb == Verb.Check)
        {
            // Nothing of the tree is used: what a launch must not be asked for may be looked at.
            string tree = operands.Length == 1 ? operands[0] : throw new UsageException($"{verb.Name} takes one {verb.Operands}");
            return new ParsedCommandLine.Check(
                Settings.Default with { Directory = HostPath.Parse(tree, context), Mode = StartMode.Boot }, Asked(Verb.JsonOption), Asked(Verb.StrictOption));
        }

        if (verb == Verb.Test)
        {
            return assignments.Any(one => one.Option.Name == Verb.MatrixOption)
                ? new ParsedCommandLine.TestMany(MatrixRequest.Of(assignments, operands, context))
                : new ParsedCommandLine.Test(BootTestRequests.Of(assignments, operands, context));
        }

        if (verb == Verb.Diff)
        {
            return new ParsedCommandLine.Diff(DiffRequest.Of(assignments, operands, context));
        }

        assignments.AddRange(operands.Select(word => new Assignment(OptionTable.Operands, word)));
        Request request = new(assignments.ToImmutable(), context);
        return verb == Verb.Explain ? new ParsedCommandLine.Explain(request, Asked(Verb.JsonOption))
            : request.Alone.CleanUp ? new ParsedCommandLine.CleanUp(request.With(file: null).Settings)
            : new ParsedCommandLine.Launch(request);
    }

    private static string OnlyOperand(Verb verb, ImmutableArray<string> operands) =>
        operands.Length == 1 && verb.Words.Contains(operands[0])
            ? operands[0]
            : throw new UsageException($"{verb.Name} takes one of {string.Join(", ", verb.Words)}");

    /// <summary>What an option prints instead of launching; null when it does not.</summary>
    private static string? TextOf(Option option, string? value, string programName) =>
        option.Text is not null ? option.Text(programName)
        : value == "help" && option.Values is not null ? string.Concat(option.Values().Select(one => one + "\n"))
        : null;
}
