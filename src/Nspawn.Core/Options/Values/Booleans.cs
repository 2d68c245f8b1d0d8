namespace Nspawn.Core;

/// <summary>Yes and no as systemd spells them.</summary>
public static class Booleans
{
    public const string Accepted = "yes or no";

    public static bool Parse(string text) =>
        TryParse(text) ?? throw new UsageException($"expected {Accepted}");

    /// <summary>Null when the text is no boolean.</summary>
    public static bool? TryParse(string text) => text.ToLowerInvariant() switch
    {
        "1" or "yes" or "y" or "true" or "t" or "on" => true,
        "0" or "no" or "n" or "false" or "f" or "off" => false,
        _ => null,
    };
}
