namespace Nspawn.Core;

/// <summary>One table of names for each mode; systemd-nspawn's names.</summary>
public static class ModeNames
{
    public static readonly NameTable<ConsoleMode> Console = new(
        ("interactive", ConsoleMode.Interactive),
        ("read-only", ConsoleMode.ReadOnly),
        ("passive", ConsoleMode.Passive),
        ("pipe", ConsoleMode.Pipe),
        ("autopipe", ConsoleMode.Autopipe));

    public static readonly NameTable<EphemeralMode> Ephemeral = new(
        ("no", EphemeralMode.No),
        ("yes", EphemeralMode.Yes),
        ("memory", EphemeralMode.Memory),
        ("disk", EphemeralMode.Disk));

    public static readonly NameTable<VolatileMode> Volatile = new(
        ("no", VolatileMode.No),
        ("yes", VolatileMode.Yes),
        ("state", VolatileMode.State),
        ("overlay", VolatileMode.Overlay));

    public static readonly NameTable<ResolvConfMode> ResolvConf = new(
        ("off", ResolvConfMode.Off),
        ("copy-host", ResolvConfMode.CopyHost),
        ("copy-static", ResolvConfMode.CopyStatic),
        ("copy-uplink", ResolvConfMode.CopyUplink),
        ("copy-stub", ResolvConfMode.CopyStub),
        ("replace-host", ResolvConfMode.ReplaceHost),
        ("replace-static", ResolvConfMode.ReplaceStatic),
        ("replace-uplink", ResolvConfMode.ReplaceUplink),
        ("replace-stub", ResolvConfMode.ReplaceStub),
        ("bind-host", ResolvConfMode.BindHost),
        ("bind-static", ResolvConfMode.BindStatic),
        ("bind-uplink", ResolvConfMode.BindUplink),
        ("bind-stub", ResolvConfMode.BindStub),
        ("delete", ResolvConfMode.Delete),
        ("auto", ResolvConfMode.Auto));

    public static readonly NameTable<TimezoneMode> Timezone = new(
        ("off", TimezoneMode.Off),
        ("copy", TimezoneMode.Copy),
        ("bind", TimezoneMode.Bind),
        ("symlink", TimezoneMode.Symlink),
        ("delete", TimezoneMode.Delete),
        ("auto", TimezoneMode.Auto));

    public static readonly NameTable<LinkJournalMode> LinkJournal = new(
        ("no", LinkJournalMode.No),
        ("host", LinkJournalMode.Host),
        ("try-host", LinkJournalMode.TryHost),
        ("guest", LinkJournalMode.Guest),
        ("try-guest", LinkJournalMode.TryGuest),
        ("auto", LinkJournalMode.Auto));

    public static readonly NameTable<Personality> Personality = new(
        ("x86", Core.Personality.X86),
        ("x86-64", Core.Personality.X8664));

    public static readonly NameTable<RegisterMode> Register = new(
        ("yes", RegisterMode.Yes),
        ("no", RegisterMode.No),
        ("auto", RegisterMode.Auto));

    public static readonly NameTable<SettingsFileMode> SettingsFile = new(
        ("yes", SettingsFileMode.Yes),
        ("no", SettingsFileMode.No),
        ("override", SettingsFileMode.Override),
        ("trusted", SettingsFileMode.Trusted));
}
