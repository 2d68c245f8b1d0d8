namespace Nspawn.Core;

/// <summary>What a unit needs that a tree, or a container, may lack.</summary>
public static class UnitRequirements
{
    /// <summary>The files that conditions and commands of a unit ask for.</summary>
    public static IEnumerable<string> Paths(BootUnit unit) => UnitConditions.Paths(unit).Concat(Programs(unit));

    /// <summary>The programs without which a service fails; <c>-</c> before one says that it may.</summary>
    public static IEnumerable<string> Programs(BootUnit unit) => unit.Type != "service" ? [] : unit.Values("Service.ExecStart")
        .Select(line => UnitFile.Words(line).FirstOrDefault() ?? "")
        .Where(word => !word[..^word.TrimStart('@', '-', ':', '+', '!', '|').Length].Contains('-'))
        .Select(word => word.TrimStart('@', ':', '+', '!', '|'))
        .Where(program => program.StartsWith('/') && !program.Contains('%') && !program.Contains('$'));

    /// <summary>The device without which it is not started; null: none.</summary>
    public static string? Device(BootUnit unit) =>
        unit.Type switch
        {
            "swap" => unit.Values("Swap.What").FirstOrDefault() ?? unit.Name,
            "mount" when unit.Values("Mount.What").FirstOrDefault() is string what && new FstabLine(0, what, "", "", "").IsDevice => what,
            _ => unit.Units("Unit.Requires").Concat(unit.Units("Unit.BindsTo")).FirstOrDefault(name => name.EndsWith(".device", StringComparison.Ordinal)),
        };
}
