namespace Nspawn.Core;

/// <summary>Whether an option is followed by an argument; an optional one is only taken from <c>--name=VALUE</c>.</summary>
public enum ArgumentForm { None, Required, Optional }

/// <summary>What completion offers for an argument that is not one of a list of values.</summary>
public enum Offer { Nothing, Directories, Files, Machines }

/// <summary>What becomes of the losing side's values when a settings file and the command line both have an option of one kind.</summary>
public enum Merging
{
    /// <summary>They are dropped.</summary>
    Never,

    /// <summary>They are kept with <c>--settings=override</c>, where the file adds to the command line.</summary>
    WithOverride,

    /// <summary>They are kept: each value is of a thing of its own, and of two for the same thing the winner's comes last.</summary>
    Always,
}

/// <summary>
/// One option, everywhere it shows: the command line, <c>--help</c>, shell completion, the settings file, the man page.
/// </summary>
public sealed record Option
{
    /// <summary>The long name, without dashes.</summary>
    public required string Name { get; init; }

    /// <summary>A name the option had in earlier releases of systemd: accepted, not shown.</summary>
    public string? OldName { get; init; }
    public char? Short { get; init; }

    /// <summary>It has no long name: <see cref="Name"/> is only what the launcher itself calls it.</summary>
    public bool ShortOnly { get; init; }
    public ArgumentForm Form { get; init; }

    /// <summary>What stands for the argument in the help; null when there is none.</summary>
    public string? Metavar { get; init; }

    /// <summary>One line of help.</summary>
    public required string Help { get; init; }

    /// <summary>
    /// The assignment's section and name in a <c>.nspawn</c> file, as <c>Exec.Hostname</c>; null: command line only. With a
    /// <c>*</c> at the end every name that begins so: <c>Exec.Limit*</c> takes <c>LimitCORE=1</c> for <c>CORE=1</c>.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>Gives the container more than its tree may ask for: ignored in a settings file that came with the tree.</summary>
    public bool Privileged { get; init; }

    /// <summary>Of a privileged option, the values that only take away: heeded wherever the file is. Null: there are none.</summary>
    public Func<string, bool>? Harmless { get; init; }

    /// <summary>In a settings file the value is a list of words, quoted where they hold blanks, each as if it were given by itself.</summary>
    public bool Words { get; init; }

    /// <summary>In a settings file the values of several lines are one, joined by commas, where on the command line the last counts.</summary>
    public bool Joined { get; init; }

    /// <summary>
    /// Options of one kind stand for each other: what one side has of a kind, the settings file or the command line, takes
    /// the place of all that the other has of it. The network but for its ports is one; otherwise each is its own.
    /// </summary>
    public string Kind
    {
        get => field ?? (Key?.StartsWith("Network.", StringComparison.Ordinal) ?? false ? "network" : Name);
        init;
    }

    /// <summary>Whether the losing side's values are kept nevertheless.</summary>
    public Merging Merging { get; init; }

    /// <summary>The argument is a secret: never repeated in a message.</summary>
    public bool Secret { get; init; }

    /// <summary>What <c>--name=help</c> lists and completion offers; null when the values cannot be listed.</summary>
    public Func<IEnumerable<string>>? Values { get; init; }

    /// <summary>What completion offers where there are no <see cref="Values"/>.</summary>
    public Offer Offer { get; init; }

    /// <summary>Prints this, made from the name the program was called by, instead of launching; null for all other options.</summary>
    public Func<string, string>? Text { get; init; }

    /// <summary>How the option, with its argument if it has one, changes what is asked for.</summary>
    public Func<Settings, string?, OptionContext, Settings> Apply { get; init; } = static (settings, _, _) => settings;

    /// <summary>An option that is off until it is given. A settings file spells it <c>Name=BOOL</c>.</summary>
    public static Option Flag(string name, char? shortName, string help, Func<Settings, bool, Settings> apply) => new()
    {
        Name = name,
        Short = shortName,
        Help = help,
        Apply = (settings, value, _) => apply(settings, value is null || Booleans.Parse(value)),
    };

    /// <summary>An option with a required argument whose meaning depends on nothing but the argument.</summary>
    public static Option Value(
        string name, char? shortName, string metavar, string help, Func<Settings, string, Settings> apply) =>
        Value(name, shortName, metavar, help, (settings, value, _) => apply(settings, value));

    /// <summary>An option with a required argument that is read in the light of the caller's environment or directory.</summary>
    public static Option Value(
        string name, char? shortName, string metavar, string help, Func<Settings, string, OptionContext, Settings> apply) => new()
        {
            Name = name,
            Short = shortName,
            Form = ArgumentForm.Required,
            Metavar = metavar,
            Help = help,
            Apply = (settings, value, context) => apply(settings, value ?? "", context),
        };
}
