using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>What is asked of a launch, by the command line and a settings file together.</summary>
/// <param name="Settings">All of it.</param>
/// <param name="Warnings">What of the file is not heeded, a line each.</param>
public sealed record Agreement(Settings Settings, ImmutableArray<string> Warnings);

/// <summary>The options of a command line, which a settings file may add to before they become settings.</summary>
/// <param name="Assignments">In order of appearance; the operands last.</param>
/// <param name="Caller">The caller's environment and directory.</param>
public sealed record Request(ImmutableArray<Assignment> Assignments, OptionContext Caller)
{
    /// <summary>What the command line alone asks for: enough to find the tree and the settings file.</summary>
    public Settings Alone => Apply(Assignments);

    /// <summary>The settings, once it is known what the settings file says.</summary>
    /// <param name="file">Null: there is none, or it is not to be read.</param>
    /// <param name="defaults">How what is run wants to be run.</param>
    /// <exception cref="UsageException">They contradict each other.</exception>
    public Agreement With(SettingsFile? file, RunDefaults? defaults = null)
    {
        if (file is null)
        {
            return new Agreement(Finish(Assignments, null, defaults), []);
        }

        bool fileWins = Alone.SettingsFile == SettingsFileMode.Override;
        HashSet<string> given = KindsOf(Assignments);
        SettingsFileReading reading = SettingsFileReading.Of(
            file, Caller, option => !fileWins && given.Contains(option.Kind) && option.Merging != Merging.Always);
        HashSet<string> asked = KindsOf(reading.Assignments);
        IEnumerable<Assignment> merged = fileWins
            ? [.. Assignments.Where(one => one.Option.Merging != Merging.Never || !asked.Contains(one.Option.Kind)), .. reading.Assignments]
            : [.. reading.Assignments, .. Assignments];
        return new Agreement(Finish([.. merged], file, defaults), reading.Warnings);
    }

    private static HashSet<string> KindsOf(IEnumerable<Assignment> assignments) => [.. assignments.Select(one => one.Option.Kind)];

    private Settings Finish(ImmutableArray<Assignment> assignments, SettingsFile? file, RunDefaults? defaults)
    {
        HashSet<string> given = [.. assignments.Select(one => one.Option.Name)];
        if (defaults is not null)
        {
            assignments = [.. defaults.Before(assignments, Apply(assignments).Mode == StartMode.Boot), .. assignments];
        }

        Settings settings = Apply(assignments) with { Origins = OriginsOf(assignments, file) };
        try
        {
            SettingsRules.Check(settings, given);
        }
        catch (UsageException contradiction)
        {
            throw new UsageException(settings.Origins.Name(contradiction.Message));
        }

        return BootArguments.Split(settings);
    }

    private Settings Apply(ImmutableArray<Assignment> assignments) =>
        assignments.Aggregate(Settings.Default, (settings, one) => one.Apply(settings, Caller));

    private static SettingsOrigins OriginsOf(ImmutableArray<Assignment> assignments, SettingsFile? file)
    {
        ImmutableDictionary<string, SettingsPlace> places = SettingsOrigins.None.Places;
        foreach (Assignment one in assignments)
        {
            // Of both, the last had the last word.
            places = one.Place is null ? places.Remove(one.Option.Name) : places.SetItem(one.Option.Name, one.Place);
        }

        return file is null ? SettingsOrigins.None : new SettingsOrigins(file.Fault is null ? file.Described : null, places);
    }
}
