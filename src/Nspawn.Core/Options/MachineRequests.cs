using System.Collections.Immutable;
using System.Globalization;

namespace Nspawn.Core;

/// <summary>From the options and operands of a verb about a machine to what is asked for.</summary>
internal static class MachineRequests
{
    /// <param name="verb">The verb.</param>
    /// <param name="given">Its options with their arguments, in order.</param>
    /// <param name="operands">What stood around and behind them.</param>
    /// <param name="context">The caller's environment.</param>
    public static MachineRequest Of(
        Verb verb, IReadOnlyList<Assignment> given, ImmutableArray<string> operands, OptionContext context)
    {
        bool Has(string option) => given.Any(one => one.Option.Name == option);
        string? Last(string option) => given.LastOrDefault(one => one.Option.Name == option).Value;
        TimeSpan? Timeout() => Last(Verb.TimeoutOption) is string time ? Judge(Verb.TimeoutOption, time, ParseTime) : null;

        if (verb == Verb.List)
        {
            return operands.IsEmpty ? new MachineRequest.List(Has(Verb.JsonOption)) : throw Superfluous(verb, operands[0]);
        }

        if (verb == Verb.Shell)
        {
            return operands.Length > 2 ? throw Superfluous(verb, operands[2]) : new MachineRequest.Execute(operands.FirstOrDefault())
            {
                Terminal = true,
                User = operands.Length > 1 ? Judge("USER", operands[1], UserNames.Parse) ?? "root" : "root",
            };
        }

        if (operands.IsEmpty)
        {
            throw new UsageException($"{verb.Name} needs the name of a machine; nspawn list shows those that run");
        }

        string machine = operands[0];
        if (verb == Verb.Exec)
        {
            return new MachineRequest.Execute(machine)
            {
                User = Last(Verb.UserOption) is string user ? Judge(Verb.UserOption, user, UserNames.Parse) ?? "root" : "root",
                Terminal = Has(Verb.TerminalOption),
                Environment = EnvironmentOf(given, context),
                Directory = Last(Verb.DirectoryOption) is string path ? Judge(Verb.DirectoryOption, path, Absolute) : null,
                Command = operands.Length > 1
                    ? operands[1..]
                    : throw new UsageException($"exec needs a command to run in {machine}; nspawn shell {machine} opens a shell"),
            };
        }

        return operands.Length > 1 ? throw Superfluous(verb, operands[1])
            : verb == Verb.Wait ? new MachineRequest.Wait(machine, Judge(Verb.ConditionOption, Last(Verb.ConditionOption) ?? MachineRequest.Wait.Ready, Condition), Timeout())
            : verb == Verb.Stop ? new MachineRequest.Stop(machine, Timeout(), Has(Verb.KillOption))
            : new MachineRequest.Logs(machine, Has(Verb.FollowOption), Last(Verb.LinesOption) is string lines ? Judge(Verb.LinesOption, lines, Count) : null);
    }

    private static string Condition(string text) =>
        text is MachineRequest.Wait.Ready or MachineRequest.Wait.Exit || UnitNames.IsValid(text)
            ? text
            : throw new UsageException("expected ready, exit, or the name of a unit, such as multi-user.target");

    private static TimeSpan ParseTime(string text) =>
        TimeSpan.FromMicroseconds(Math.Min(TimeSpans.Microseconds(text, "s"), (ulong)TimeSpan.FromDays(10_000).TotalMicroseconds));

    // Resolved by the process that is inside already: nothing that it might not reach.
    private static string Absolute(string text) =>
        text.StartsWith('/') && !text.Contains('\0') ? text : throw new UsageException("expected an absolute path in the machine");

    private static int? Count(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : throw new UsageException("expected a number of lines");

    private static ImmutableArray<string> EnvironmentOf(IReadOnlyList<Assignment> given, OptionContext context)
    {
        ImmutableArray<string>.Builder environment = ImmutableArray.CreateBuilder<string>();
        foreach (Assignment one in given)
        {
            if (one.Option.Name == Verb.EnvironmentOption)
            {
                environment.Add(Judge(Verb.EnvironmentOption, one.Value ?? "", text => EnvironmentAssignment.Parse(text, context)));
            }
        }

        return environment.ToImmutable();
    }

    private static T Judge<T>(string name, string value, Func<string, T> parse)
    {
        try
        {
            return parse(value);
        }
        catch (UsageException refusal)
        {
            string option = char.IsAsciiLetterLower(name[0]) ? $"--{name}=" : $"{name} ";
            throw new UsageException($"{option}{Message.Printable(value)}: {refusal.Message}");
        }
    }

    private static UsageException Superfluous(Verb verb, string operand) =>
        new($"{verb.Name}: nothing is expected at '{Message.Printable(operand)}'; its form is: nspawn {verb.Name} {verb.Operands}".TrimEnd());
}
