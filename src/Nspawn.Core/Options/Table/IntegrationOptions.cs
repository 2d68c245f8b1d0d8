using System.Collections.Immutable;

namespace Nspawn.Core;

/// <summary>Options about the host's configuration that the container shares.</summary>
internal static class IntegrationOptions
{
    public static readonly ImmutableArray<Option> Rows =
    [
        Option.Value("resolv-conf", null, "MODE", "How /etc/resolv.conf is made",
            (settings, value) => settings with
            {
                ResolvConf = ModeNames.ResolvConf.ParseOrBoolean(value, ResolvConfMode.Auto, ResolvConfMode.Off),
            }) with
        {
            Key = "Exec.ResolvConf",
            Values = () => ModeNames.ResolvConf.Names,
        },
        Option.Value("timezone", null, "MODE", "How /etc/localtime is made",
            (settings, value) => settings with
            {
                Timezone = ModeNames.Timezone.ParseOrBoolean(value, TimezoneMode.Auto, TimezoneMode.Off),
            }) with
        {
            Key = "Exec.Timezone",
            Values = () => ModeNames.Timezone.Names,
        },
        Option.Value("link-journal", null, "MODE", "How a booted tree's journal is shared",
            (settings, value) => settings with { LinkJournal = ModeNames.LinkJournal.Parse(value) }) with
        {
            Key = "Exec.LinkJournal",
            Privileged = true,
            Values = () => ModeNames.LinkJournal.Names,
        },
        Option.Flag("j", 'j', "The same as --link-journal=try-guest",
            (settings, on) => on ? settings with { LinkJournal = LinkJournalMode.TryGuest } : settings) with
        {
            ShortOnly = true,
            Kind = "link-journal",
        },
    ];
}
