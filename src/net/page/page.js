"use strict";

const WINDOW = 100000; // bases in which reads are shown

/* What stands beside this page, whatever the token. */
const here = (path) => new URL(path, location.href).href;

/* Shown to people, and read by the tests. */
function say(text, isBad = false) {
    const said = document.getElementById("said");
    said.textContent = text;
    said.classList.toggle("bad", isBad);
}

function trackOf(file, name, color) {
    return {
        name,
        type: "alignment",
        format: "bam",
        url: here(file.bam),
        indexURL: here(file.index),
        height: 260,
        color,
        displayMode: "EXPANDED",
        visibilityWindow: WINDOW,
        showSoftClips: true,
        removable: false,
    };
}

function referenceOf(session) {
    const id = session.shown.id;
    if (!session.fasta)
        return { id, name: id, format: "chromsizes", fastaURL: here("chrom.sizes") };
    const reference = { id, name: id, fastaURL: here(session.fasta), indexURL: here(session.fai) };
    if (session.gzi)
        reference.compressedIndexURL = here(session.gzi);
    return reference;
}

/* How many reads of each track overlap what is seen. */
async function countReads(browser) {
    const counts = [];
    const frame = browser.referenceFrameList[0];
    const beg = Math.floor(frame.start);
    const end = Math.ceil(frame.end);
    if (end - beg > WINDOW)
        return say("Zoom in to see reads.");
    for (const view of browser.findTracks("type", "alignment")) {
        const features = await view.getFeatures(frame.chr, beg, end, frame.bpPerPixel);
        const all = features.allAlignments ? features.allAlignments() : features.alignments || [];
        const seen = all.filter((a) => a.start < end && a.start + a.lengthOnRef > beg);
        counts.push(`${view.name}: ${seen.length} reads`);
    }
    say(counts.join(", "));
    document.body.dataset.region = `${frame.chr}:${beg + 1}-${end}`;
}

async function show() {
    const session = await (await fetch("session.json")).json();
    const tracks = [trackOf(session.shown, session.masked ? "restored" : "reads", "#8fb8de")];
    if (session.masked)
        tracks.push(trackOf(session.masked, "masked", "#c9c9c9"));
    const locus = decodeURIComponent(location.hash.slice(1)) || session.granted[0] || session.first;
    const browser = await igv.createBrowser(document.getElementById("browser"), {
        reference: referenceOf(session),
        loadDefaultGenomes: false,
        locus,
        tracks,
        showSVGButton: false,
        showTrackLabelButton: true,
    });
    const list = document.getElementById("granted");
    for (const region of session.granted) {
        const button = document.createElement("button");
        button.textContent = region;
        button.addEventListener("click", () => browser.search(region));
        list.appendChild(document.createElement("li")).appendChild(button);
    }
    if (session.granted.length === 0)
        list.textContent = session.masked ? "everything" : "none: this file is shown as it is";
    browser.on("locuschange", () => countReads(browser).catch((e) => say(String(e), true)));
    await countReads(browser);
}

show().catch((e) => say(`${e.message || e}`, true));
