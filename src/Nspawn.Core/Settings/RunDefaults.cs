using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// How what is run wants to be run, in the words of the option table: what neither the command line nor a settings file asks
/// for.
/// </summary>
public sealed record RunDefaults
{
    public static readonly RunDefaults None = new();

    /// <summary>What is asked for together with anything else; later assignments of a variable win.</summary>
    public ImmutableArray<Assignment> Always { get; init; } = [];

    /// <summary>What the same option, given, takes the place of.</summary>
    public ImmutableArray<Assignment> UnlessGiven { get; init; } = [];

    /// <summary>The command and its arguments, where none is given and no init is booted.</summary>
    public ImmutableArray<Assignment> Command { get; init; } = [];

    /// <summary>What is to stand before what was given.</summary>
    /// <param name="given">The options of command line and settings file.</param>
    /// <param name="boots">The tree's init is started: it is root, and begins where it likes.</param>
    public ImmutableArray<Assignment> Before(IReadOnlyCollection<Assignment> given, bool boots)
    {
        HashSet<string> kinds = [.. given.Select(one => one.Option.Kind)], names = [.. given.Select(one => one.Option.Name)];
        return
        [
            .. Always,
            .. UnlessGiven.Where(one => !kinds.Contains(one.Option.Kind) && !(boots && one.Option.Name is "uid" or "chdir")),
            .. boots || names.Contains(OptionTable.Operands.Name) ? [] : Command,
        ];
    }

    /// <summary>An option with a value that somebody else chose.</summary>
    /// <param name="option">The row of the table.</param>
    /// <param name="field">What asks for it, for the message.</param>
    /// <param name="value">Its argument.</param>
    /// <exception cref="OciException">The value will not do.</exception>
    internal static Assignment Asked(Option option, string field, string? value)
    {
        try
        {
            // Nothing of the caller's goes into it.
            Assignment one = new(option, value);
            _ = option.Apply(Settings.Default, value, new OptionContext(_ => null, "/"));
            return value is not null && value.Contains('\0') ? throw new UsageException("it holds a NUL byte") : one;
        }
        catch (UsageException refusal)
        {
            throw new OciException($"its {field} {Message.Printable(value ?? "")} will not do: {refusal.Message}");
        }
    }

    internal static Assignment Asked(string option, string field, string? value) =>
        Asked(OptionTable.All.First(one => one.Name == option), field, value);
}
