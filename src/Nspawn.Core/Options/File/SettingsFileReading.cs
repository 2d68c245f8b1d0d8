using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>
/// A settings file in the words of the option table. A line that cannot be heeded is left out, with a warning: the file may
/// be older or newer than the launcher, or have come with the tree.
/// </summary>
public sealed class SettingsFileReading
{
    /// <summary>A file that is nothing but mistakes does not bury what else there is to read.</summary>
    private const int MostWarnings = 100, MostUntrusted = 10, MostKeys = 20;

    private readonly SettingsFile _file;
    private readonly OptionContext _context;
    private readonly List<Assignment> _assignments = [];
    private readonly List<(int Line, string Text)> _warnings = [];

    private readonly List<(int Line, string Text)> _untrusted = [];
    private readonly HashSet<string> _untrustedNames = [];

    private readonly Func<Option, bool> _taken;

    // Of the file alone: whether a value will do, also beside those above it.
    private Settings _settings = Settings.Default;

    private SettingsFileReading(SettingsFile file, OptionContext caller, Func<Option, bool> taken)
    {
        _file = file;
        _taken = taken;
        // A variable of the caller's is for the caller to hand out.
        _context = caller with { Environment = _ => throw new UsageException("expected NAME=VALUE") };
    }

    /// <summary>What the file asks for and may, and where the command line does not have its own way.</summary>
    public IReadOnlyList<Assignment> Assignments => _assignments;

    /// <summary>
    /// What of it is not heeded: one line each, with file and line number. Of many that are not the tree's to say, one line
    /// for all: it must not hide what is misspelt.
    /// </summary>
    public ImmutableArray<string> Warnings
    {
        get
        {
            bool many = _untrusted.Count > MostUntrusted;
            (int, string)[] each = [.. _warnings, .. many ? [] : _untrusted];
            return
            [
                .. Lines(each).Take(MostWarnings),
                .. each.Length > MostWarnings ? (string[])[$"{_file.Path}: {each.Length - MostWarnings} more lines are ignored"] : [],
                .. many
                    ? (string[])[$"{_file.Path}: {_untrusted.Count} lines need a file that is trusted, in /etc/systemd/nspawn, or --settings=trusted: {string.Join(", ", _untrustedNames.Take(MostKeys))}, ignored"]
                    : [],
            ];
        }
    }

    private IEnumerable<string> Lines(IEnumerable<(int Line, string Text)> warnings) => warnings.OrderBy(one => one.Line).Select(one =>
        one.Line == 0 ? $"{_file.Path} is ignored: {one.Text}" : $"{_file.Path}:{one.Line}: {one.Text}, ignored");

    /// <param name="file">As it was found.</param>
    /// <param name="caller">The launcher's caller.</param>
    /// <param name="taken">Whether the command line has the last word about a kind of option.</param>
    public static SettingsFileReading Of(SettingsFile file, OptionContext caller, Func<Option, bool> taken)
    {
        SettingsFileReading reading = new(file, caller, taken);
        if (file.Fault is not null)
        {
            reading.Warn(0, file.Fault);
            return reading;
        }

        string[] sections = [.. OptionTable.Keyed.Select(option => option.Key![..option.Key!.IndexOf('.')]).Distinct()];
        foreach (SettingsEntry entry in SettingsSyntax.Parse(file.Text, sections, reading.Warn))
        {
            reading.Read(entry);
        }

        reading.LeaveOutParametersOfNothing();
        return reading;
    }

    private void Read(SettingsEntry entry)
    {
        if (OptionTable.ByKey(entry.Section, entry.Key, out string name) is not Option option || (name.Length > 0 && !option.Values!().Any(known => known.EndsWith("_" + name, StringComparison.Ordinal))))
        {
            Warn(entry.Line, $"{Message.Printable(entry.Key)}= is no setting known here in [{entry.Section}]");
            return;
        }

        if (_taken(option))
        {
            return;
        }

        if (entry.Value.Length == 0)
        {
            TakeBack(option, entry.Key);
        }
        else if (_file.Trusted || !option.Privileged || (option.Harmless?.Invoke(entry.Value) ?? false))
        {
            Add(option, name, entry);
        }
        else
        {
            // Before the value is looked at: the longer it is, the longer that takes.
            _untrusted.Add((entry.Line, $"{entry.Key}= needs a file that is trusted, in /etc/systemd/nspawn, or --settings=trusted"));
            _ = _untrustedNames.Add(entry.Key + "=");
        }
    }

    private void Add(Option option, string name, SettingsEntry entry)
    {
        SettingsPlace place = new(_file.Path, entry.Line, entry.Key);
        try
        {
            foreach (string value in ValuesOf(option, name, entry.Value))
            {
                Add(new Assignment(option, value, place), option.Words ? value : entry.Value);
            }
        }
        catch (UsageException refusal)
        {
            Refuse(place, entry.Value, refusal); // no words: a quote is open
        }
    }

    // A word that will not do leaves the others alone: what is to be dropped is dropped, whatever stands beside it.
    private void Add(Assignment one, string shown)
    {
        try
        {
            _settings = one.Option.Apply(_settings, one.Value, _context);
            _assignments.Add(one);
        }
        catch (UsageException refusal)
        {
            Refuse(one.Place!, shown, refusal);
        }
    }

    private void Refuse(SettingsPlace place, string shown, UsageException refusal) =>
        Warn(place.Line, $"{place.Key}={Message.Printable(shown)}: {refusal.Message}");

    private ImmutableArray<string> ValuesOf(Option option, string name, string value) =>
        name.Length > 0 ? [$"{name}={value}"]
        : option.Words ? QuotedWords.Split(value)
        : option.Joined && _assignments.FindLast(one => one.Option == option).Value is string before ? [$"{before},{value}"]
        : [value];

    /// <summary>What an empty value does to the ones above it.</summary>
    private void TakeBack(Option option, string key)
    {
        _ = _assignments.RemoveAll(one => one.Option == option && one.Place?.Key == key);
        if (option.Form == ArgumentForm.None)
        {
            _settings = option.Apply(_settings, "no", _context);
        }
    }

    /// <summary>systemd-nspawn heeds them only beside a way to start, even if that is the usual one.</summary>
    private void LeaveOutParametersOfNothing()
    {
        SettingsPlace? parameters = _assignments.Find(one => one.Option == OptionTable.Operands).Place;
        if (parameters is not null && !_assignments.Exists(one => one.Option.Kind == OptionTable.Operands.Kind && one.Option != OptionTable.Operands))
        {
            _ = _assignments.RemoveAll(one => one.Option == OptionTable.Operands);
            Warn(parameters.Line, $"{parameters.Key}= has no effect without Boot= or ProcessTwo=, were it Boot=no");
        }
    }

    private void Warn(int line, string text) => _warnings.Add((line, text));
}
