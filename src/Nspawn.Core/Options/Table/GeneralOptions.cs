using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the launcher itself.</summary>
internal static class GeneralOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        new()
        {
            Name = "help", Short = 'h', Help = "Show this help",
            Text = HelpText.Of,
        },
        new()
        {
            Name = "version", Help = "Show the version",
            Text = ProgramName.VersionText,
        },
        // Help is never paged; callers pass it nevertheless.
        new() { Name = "no-pager", Help = "Accepted; help is never paged" },
        Option.Flag("quiet", 'q', "Say nothing unless something is wrong",
            (settings, on) => settings with { Quiet = on }),
        Option.Value("settings", null, "MODE", "Whether a settings file is read, and who wins",
            (settings, value) => settings with
            {
                SettingsFile = ModeNames.SettingsFile.ParseOrBoolean(value, SettingsFileMode.Yes, SettingsFileMode.No),
            }) with
        {
            Values = () => ModeNames.SettingsFile.Names,
        },
        Option.Flag("cleanup", null, "Remove what killed runs left, and exit",
            (settings, on) => settings with { CleanUp = on }),
    ];
}
