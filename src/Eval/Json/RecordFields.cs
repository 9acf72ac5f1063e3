using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Serve.Eval.Json;

/// <summary>What is wrong with a field of a record.</summary>
/// <param name="Field">Its name.</param>
/// <param name="Text">The predicate of a sentence about it, without the full stop.</param>
internal readonly record struct FieldFault(string Field, string Text);

/// <summary>
/// Reads the values of one record and keeps its faults, one a field, so that the whole record is read (and its id known) before they are told. Each
/// method stands on a value and answers what follows it, or null where it is no JSON or the bytes end.
/// </summary>
internal sealed unsafe class RecordFields
{
    private const string BoxAllowed = "[x, y, width, height], four finite numbers";
    // Beyond it, a double no longer tells neighbouring integers apart.
    private const double LargestExactInteger = 1L << 53;
    private const int LongestQuotedValue = 40;

    private readonly List<FieldFault> faults = [];

    /// <summary>The first fault of the record: a sentence without its subject's place.</summary>
    public string? Fault => faults.Count == 0 ? null : $"\"{faults[0].Field}\" {faults[0].Text}";

    /// <summary>The faults of the record, the first of each field.</summary>
    public IReadOnlyList<FieldFault> Faults => faults;

    /// <summary>Forgets the former record's faults.</summary>
    public void Begin() => faults.Clear();

    /// <summary>Records a fault, unless the field has one already.</summary>
    public void Fail(string field, string text)
    {
        if (!faults.Exists(fault => fault.Field == field))
            faults.Add(new(field, text));
    }

    /// <summary>Records that a needed field is missing.</summary>
    public void Require(bool present, string field, string allowed)
    {
        if (!present)
            Fail(field, $"is missing; it must be {allowed}");
    }

    /// <summary>A 64-bit integer; a number such as <c>7.0</c> counts as one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* Integer(byte* p, string field, ref long? value)
    {
        var next = JsonNumber.Integer(p, out var number);
        if (next == null)
            return OddInteger(p, field, ref value);
        value = number;
        return next;
    }

    /// <summary>A finite number, to the nearest double.</summary>
    public byte* Number(byte* p, string field, ref double? value)
    {
        var next = JsonNumber.Double(p, out var number);
        if (next == null)
            return FailAndPass(p, field, "a finite number");
        value = number;
        return next;
    }

    /// <summary>A truth value: 0, 1, any other number (true), <c>true</c>, <c>false</c> or <c>null</c> (false).</summary>
    public byte* Flag(byte* p, string field, ref bool value)
    {
        if (*p is (byte)'t' or (byte)'f' or (byte)'n')
        {
            value = *p == 't';
            return JsonSyntax.AfterScalar(p);
        }
        var next = JsonNumber.Double(p, out var number);
        if (next == null)
            return FailAndPass(p, field, "0 or 1");
        value = number != 0;
        return next;
    }

    /// <summary>A text, or null.</summary>
    public byte* Text(byte* p, string field, ref string? value)
    {
        if (*p == 'n')
        {
            value = null;
            return JsonSyntax.AfterScalar(p);
        }
        if (*p != '"')
            return FailAndPass(p, field, "a text");
        var next = JsonSyntax.AfterText(p);
        if (next == null)
            return null;
        value = JsonText.Decode(Between(p + 1, next - 1));
        if (value is null)
            Fail(field, "is not valid Unicode text");
        return next;
    }

    /// <summary>A list of integers.</summary>
    public byte* Integers(byte* p, string field, ref IReadOnlyList<long> values)
    {
        const string Allowed = "a list of integers";

        if (*p != '[')
            return FailAndPass(p, field, Allowed);
        List<long> list = [];
        p = JsonSyntax.AfterSpace(p + 1);
        while (*p != ']' || list.Count > 0)
        {
            var next = JsonNumber.Integer(p, out var number);
            if (next == null && !TryInteger(p, out next, out number) && (next = FailAndPass(p, field, Allowed)) == null)
                return null;
            list.Add(number);
            p = JsonSyntax.AfterSpace(next);
            if (*p == ']')
                break;
            if (*p != ',')
                return null;
            p = JsonSyntax.AfterSpace(p + 1);
        }
        values = list.ToArray();
        return p + 1;
    }

    /// <summary>A list of texts; nothing is kept of a list that holds anything else.</summary>
    public byte* Texts(byte* p, string field, ref IReadOnlyList<string>? values)
    {
        if (*p != '[')
            return JsonSyntax.AfterValue(p);
        List<string> list = [];
        var start = p;
        for (p = JsonSyntax.AfterSpace(p + 1); *p == '"'; p = JsonSyntax.AfterSpace(p + 1))
        {
            string? text = null;
            if ((p = Text(p, field, ref text)) == null)
                return null;
            list.Add(text ?? "");
            p = JsonSyntax.AfterSpace(p);
            if (*p == ']')
            {
                values = list;
                return p + 1;
            }
            if (*p != ',')
                break;
        }
        return JsonSyntax.AfterValue(start);
    }

    /// <summary>A box <c>[x, y, width, height]</c>. An empty array counts as absent, as the reference takes it.</summary>
    /// <param name="p">The value.</param>
    /// <param name="field">Its name.</param>
    /// <param name="values">Is filled with the four numbers, where there are four.</param>
    public byte* Box(byte* p, string field, NumberBuffer values)
    {
        values.Clear();
        var next = Numbers(p, field, BoxAllowed, values);
        if (next != null && values.Count is not (0 or 4))
            Fail(field, string.Create(CultureInfo.InvariantCulture, $"has {values.Count} value{(values.Count == 1 ? "" : "s")}; it must be {BoxAllowed}"));
        return next;
    }

    /// <summary>An array of finite numbers, added to those there are.</summary>
    public byte* Numbers(byte* p, string field, string allowed, NumberBuffer values)
    {
        if (*p != '[')
            return FailAndPass(p, field, allowed);
        var next = values.Read(p, out var odd);
        if (odd == null)
            return next;
        Fail(field, $"holds {Describe(odd)}; it must be {allowed}");
        return JsonSyntax.AfterValue(p);
    }

    /// <summary>Records that a value is not what is allowed, and passes over it.</summary>
    public byte* FailAndPass(byte* p, string field, string allowed)
    {
        var next = JsonSyntax.AfterValue(p);
        if (next != null)
            Fail(field, $"is {Describe(p)}; it must be {allowed}");
        return next;
    }

    /// <summary>Bytes of the document, from one place up to another.</summary>
    public static ReadOnlySpan<byte> Between(byte* from, byte* to) => new(from, (int)(to - from));

    private byte* OddInteger(byte* p, string field, ref long? value)
    {
        if (!TryInteger(p, out var next, out var number))
            return FailAndPass(p, field, "an integer of at most 64 bits");
        value = number;
        return next;
    }

    private static bool TryInteger(byte* p, out byte* next, out long value)
    {
        value = 0;
        next = JsonNumber.Double(p, out var number);
        if (next == null || number != Math.Floor(number) || Math.Abs(number) > LargestExactInteger)
            return false;
        value = (long)number;
        return true;
    }

    private static string Describe(byte* p)
    {
        switch (*p)
        {
            case (byte)'[':
                return "an array";
            case (byte)'{':
                return "an object";
            case (byte)'t':
                return "true";
            case (byte)'f':
                return "false";
            case (byte)'n':
                return "null";
        }
        var next = JsonSyntax.AfterScalar(p);
        if (next == null)
            return "no value";
        return *p == '"' ? $"the text \"{Quote(Between(p + 1, next - 1))}\"" : Quote(Between(p, next));
    }

    private static string Quote(ReadOnlySpan<byte> value)
        => value.Length <= LongestQuotedValue ? Encoding.UTF8.GetString(value) : Encoding.UTF8.GetString(value[..LongestQuotedValue]) + "…";
}
