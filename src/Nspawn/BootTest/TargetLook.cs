using Nspawn.Core;

namespace Nspawn;

/// <summary>What can be said of a target by what the guest's manager says now.</summary>
internal static class TargetLook
{
    private const string Default = "default.target";
    private static readonly string[] s_modes = ["emergency", "rescue"];

    /// <returns>Null: it may still be reached.</returns>
    public static BootEnd? At(GuestManager manager, string? target)
    {
        IReadOnlyDictionary<string, object> unit = manager.Properties(manager.Load(target ?? Default), GuestManager.Unit);
        string state = Text(manager.OfManager(), "SystemState");
        bool finished = state is not ("initializing" or "starting" or "stopping"); // what ends by itself is waited for
        return (Text(unit, "LoadState"), Text(unit, "ActiveState")) switch
        {
            ("not-found", _) => new BootEnd.NotReached("there is no such unit"),
            ("masked", _) => new BootEnd.NotReached("it is masked"),
            (_, "active") => finished ? new BootEnd.Up() : null,
            (_, "failed") => new BootEnd.NotReached("it has failed"),
            (_, "inactive") when !HasJob(unit) && ModeOf(manager) is string mode => new BootEnd.NotReached($"the machine is in {mode} mode"),
            (_, "inactive") when !HasJob(unit) && finished => new BootEnd.NotReached(WhyInactive(target)),
            _ => null,
        };
    }

    /// <summary>The unit's own name, where the name it was asked by is another.</summary>
    public static string IdOf(GuestManager manager, string? target) =>
        manager.Property(manager.Load(target ?? Default), GuestManager.Unit, "Id") as string ?? target ?? Default;

    private static string WhyInactive(string? target) => target is null
        ? "it was given up, for something that it needs failed"
        : "nothing is left to be started; it failed on the way, or nothing the machine boots to wants it";

    // Their shells begin seconds after there was no way back.
    private static string? ModeOf(GuestManager manager)
    {
        IReadOnlyList<GuestUnit> units = manager.Units();
        return s_modes.FirstOrDefault(mode => units.Any(unit => unit.Name == $"{mode}.service" && (unit.ActiveState is "active" or "activating" || unit.Job != 0)));
    }

    private static bool HasJob(IReadOnlyDictionary<string, object> unit) => unit.GetValueOrDefault("Job") is object[] and [ulong id, ..] && id != 0;

    private static string Text(IReadOnlyDictionary<string, object> properties, string name) => properties.GetValueOrDefault(name) as string ?? "";
}
