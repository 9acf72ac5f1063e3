using System.Xml;
using System.Xml.Linq;
using Serve.Eval.Checks;

namespace Serve.Eval.Formats;

/// <summary>Reads the XML files of datasets. Nothing outside of a file is ever loaded.</summary>
internal static class XmlFiles
{
    /// <summary>No document types, so no entities that expand or point elsewhere.</summary>
    public static XmlReaderSettings Settings { get; } = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, CloseInput = true };

    /// <summary>The root element; null where it is not what is wanted, which is then reported.</summary>
    /// <param name="content">The file.</param>
    /// <param name="file">Its name in messages.</param>
    /// <param name="root">Name that the root element must have.</param>
    /// <param name="faults">Is told why there is none.</param>
    public static XElement? Read(byte[] content, string file, string root, IFaultSink faults)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content, writable: false), Settings);
            var element = XElement.Load(reader);
            if (element.Name.LocalName == root)
                return element;
            faults.Report(new(FaultKinds.UnreadableFile, new(file, ""), "", $"has the root element <{element.Name.LocalName}>; it must be <{root}>"));
        }
        catch (XmlException fault)
        {
            faults.Report(new(FaultKinds.UnreadableFile, new(file, fault.LineNumber > 0 ? $"line {fault.LineNumber}" : ""), "", $"is not valid XML: {Reason(fault)}"));
        }
        return null;
    }

    // The library appends the position, which the message already gives.
    private static string Reason(XmlException fault) => fault.Message.Contains("DTD", StringComparison.Ordinal)
        ? "it has a document type definition, which is refused"
        : fault.Message.Split(" Line ")[0].TrimEnd('.');
}
