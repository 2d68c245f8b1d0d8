using System.Diagnostics;
using Nspawn.Core;
using Nspawn.Linux;

namespace Nspawn;

/// <summary>Properties of a unit in the form of a message: an array of names with variants, <c>a(sv)</c>.</summary>
internal static class UnitMessage
{
    public static void Append(BusMessage message, UnitProperty property)
    {
        _ = message.OpenStruct("sv").Append(property.Name).OpenVariant(TypeOf(property.Value));
        AppendValue(message, property.Value);
        _ = message.Close().Close();
    }

    private static string TypeOf(UnitValue value) => value switch
    {
        UnitValue.Text => "s",
        UnitValue.Flag => "b",
        UnitValue.Signed => "i",
        UnitValue.Scale => "u",
        UnitValue.Number => "t",
        UnitValue.Bytes => "ay",
        UnitValue.Texts => "as",
        UnitValue.Devices => "a(ss)",
        UnitValue.DeviceLimits => "a(st)",
        UnitValue.Networks => "a(iayu)",
        UnitValue.SocketBinds => "a(iiqq)",
        UnitValue.AllowedTexts => "(bas)",
        _ => throw new UnreachableException(),
    };

    private static void AppendValue(BusMessage message, UnitValue value)
    {
        _ = value switch
        {
            UnitValue.Text v => message.Append(v.Value),
            UnitValue.Flag v => message.Append(v.Value),
            UnitValue.Signed v => message.Append(v.Value),
            UnitValue.Scale v => message.Append(v.Value),
            UnitValue.Number v => message.Append(v.Value),
            UnitValue.Bytes v => message.Append(v.Value.AsSpan()),
            UnitValue.Texts v => Each(message, "s", v.Value, one => message.Append(one)),
            UnitValue.Devices v => Each(
                message, "(ss)", v.Value, one => message.OpenStruct("ss").Append(one.Device).Append(one.Access).Close()),
            UnitValue.DeviceLimits v => Each(
                message, "(st)", v.Value, one => message.OpenStruct("st").Append(one.Device).Append(one.Number).Close()),
            UnitValue.Networks v => Each(
                message, "(iayu)", v.Value, one => message.OpenStruct("iayu").Append(one.Family).Append(one.Address.AsSpan()).Append(one.Length).Close()),
            UnitValue.SocketBinds v => Each(
                message, "(iiqq)", v.Value, one => message.OpenStruct("iiqq").Append(one.Family).Append(one.Protocol).Append(one.Count).Append(one.First).Close()),
            UnitValue.AllowedTexts v => Each(
                message.OpenStruct("bas").Append(v.Allow), "s", v.Value, one => message.Append(one)).Close(),
            _ => throw new UnreachableException(),
        };
    }

    private static BusMessage Each<T>(BusMessage message, string type, IEnumerable<T> values, Func<T, BusMessage> append)
    {
        _ = message.OpenArray(type);
        foreach (T value in values)
        {
            _ = append(value);
        }

        return message.Close();
    }
}
