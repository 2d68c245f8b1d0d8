namespace Nspawn.Core;

/// <summary>An option with its argument, as the command line or a settings file has it.</summary>
/// <param name="Option">The row of the table.</param>
/// <param name="Value">Its argument; null where it has none.</param>
/// <param name="Place">Where in a settings file; null: on the command line.</param>
public readonly record struct Assignment(Option Option, string? Value, SettingsPlace? Place = null)
{
    /// <exception cref="UsageException">The value will not do; which option, which value and what would.</exception>
    public Settings Apply(Settings settings, OptionContext context)
    {
        try
        {
            return Option.Apply(settings, Value, context);
        }
        catch (UsageException refusal)
        {
            string shown = Value is null || Option.Secret ? "" : $"={Message.Printable(Value)}";
            throw new UsageException($"--{Option.Name}{shown}: {refusal.Message}");
        }
    }
}
