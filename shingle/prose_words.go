package shingle

import (
	"strings"
)

// functionWords lists the words that carry grammar and not content: articles, prepositions, pronouns, conjunctions,
// auxiliaries. A sentence cannot do without them and a menu, a list of names or a byline can. They are
// listed in lower case, in the languages with the most news text; one list serves all of them, because a word that is grammar in one language is rarely a menu entry in another. An apostrophe ends a word
// here, so the elided articles of French and Italian are single letters.
const functionWords = `
a about after again against all also although am among an and another any are as at be became because been before
being between both but by can could did do does doing down during each either else even ever every for from further
had has have having he her here hers him himself his how however if in instead into is it its itself just may me might
more most much must my neither never no nor not now of off on once one only or other our out over own said same say
says she should since so some still such than that the their them then there these they this those though through thus
to too toward under until up upon us very was we were what when where whether which while who whom whose why will with
within without would yet you your
au aux avec ce ces cette ceux chez comme contre dans de depuis des deux donc dont du elle elles en encore entre est et
été être eux fait il ils je la le les leur leurs lors lui mais même mes moins mon ne ni nos notre nous ont ou où par
parce pas pendant peu plus pour pourrait qu que quand quelque qui sa sans se selon ses si soit son sont sous sur ta
très tout toute tous un une vers vos votre vous y l d c j n m t s
aber als am an auch auf aus bei beim bin bis bisher da dabei damit dann das dass dem den denn der deren des dessen die
dies diese diesem diesen dieser dieses doch dort durch ein eine einem einen einer eines er es für gegen habe haben hat
hatte hatten ich ihm ihn ihr ihre ihrem ihren ihrer im in ins ist ja jede jeder kann kein keine können man mehr mit
muss müssen nach nicht noch nun nur ob oder ohne sehr sei sein seine seinem seinen seiner seit sich sie sind so soll
sollen sondern sowie über um und uns unter vom von vor war waren was wegen weil wenn werde werden wie wieder will wir
wird wo worden wurde wurden zu zum zur zwischen
al algo ante aunque bajo cada como con contra cual cuando de del desde donde dos durante el ella ellos en entre era
eran es esa ese eso esta está están estar este esto estos fue fueron ha haber había han hasta hay la las le les lo
los más me mientras mi muy nada ni no nos o otra otro otros para pero poco por porque pues que qué quien se según ser
si sí sido sin sino sobre son su sus también tan tanto te tiene tienen todo todos tras tu un una uno unos y ya yo
ao aos as às até com da das do dos e ela ele eles em entre era foi foram há isso isto já mais mas mesmo muito na nas
nem no nos num numa não o onde os ou para pela pelas pelo pelos pode por quando que quem se sem ser seu seus só sob
sobre sua suas também te tem têm tinha um uma você
agli ai al alla alle allo anche ancora c che chi ci come con contro cosa cui da dai dal dalla dalle degli dei del
della delle dello di dopo dove e è ed era erano fra gli ha hanno ho i il in io la le lei li lo loro lui ma mentre mi
molto ne nei nel nella nelle nello noi non o ogni per perché però più poi prima quando quella quello questa questi
questo se sia si solo sono sta stata stati stato su sua sue sugli sui sul sulla sulle suo suoi tra tutti tutto un una
uno
aan al als bij daar dan dat de deze die dit door dus een en er ge geen had hadden heb hebben heeft het hij hoe hun iets
ik in is kan kunnen maar me meer men met mijn moet na naar niet nog nu of om omdat ons ook op over te tegen toch toen
tot tussen uit van veel voor waar waren was wat we wel werd wie wij wordt worden zal ze zei zich zij zijn zo zonder zou
att av blev bli den denna dess det detta din du där efter ej eller en ett från för ha hade han har hon hur i icke ingen
inom inte jag kan kommer kunde man med mellan men mot mycket när någon något nu och om på sedan sig sin sina ska skulle
som så till under ut utan vad var vara vi vid vilka än är åt över
af alle at blevet da de der deres det dig disse efter ellers en er et for fra få før ham han har havde hun hvad hvor
hvis i ifølge ikke ind jeg kan kunne lige man med meget mod ned når nogle nu og også om op over på sig sin sit skal
skulle som så til ud under uden være vil ville være været
av bare ble blir både da de deg den der dette disse dra du eller enn er etter få for før gjør ha hans hva hvem ikke
inn kom kun man meg mellom mens men mer min mot må nå når noe noen opp også oss på seg selv sier siden sin sine sitt
skal slik som så til ut var vært ved vi
ei eikä ennen että haluaa hän hänen he heidän ilman itse ja jo joka jolla jonka jos jossa jota jotka kaikki kanssa
kautta ku kuin kuitenkin kun me mikä minä mitä mukaan muita mutta myös ne niiden niin noin nyt ole olen oli olisi
olivat olla ollut on ovat sanoo se sekä sen siitä sillä sitä tai tämä tämän tätä vaan vain vaikka vielä voi
ale bez bo być był była było były by ci co czy dla do go gdy gdzie i ich im inne ich jak jako je jego jej jest jeszcze
już każdy kiedy która które którego której który którzy ku lub ma mają mi może na nad nie niż o od oraz po pod przed
przez przy się są są ta tak także tam te tego tej ten to tu tych tylko tym u w we więc z za zaś ze że żeby
a aby ale ani až bude budou by byl byla byli být co do i jak jako je jeho její jen jenž ještě již jsem jsme jsou k
kde kdo kdy která které který mezi mu má mají může na nad ne nebo než není o od pak po pod podle pro proti před při s
se si své tak také tedy ten to tom tu u v už v však ve všech vše z za ze že
acest această al ale am ar are au că câ când care ce cea cei cel cele chiar ci cu cum da dacă dar de decât deja despre
din după ea ei el ele era este eu fi fie fiind fost iar în într între îi îl la le lor lui mai mult nici noi nu o
pe pentru peste prin sa să se și sub sunt și ți un una unde unei unor unui va vor
a abban ahol aki akkor alatt amely ami amit azonban az azt be bár csak de e egy ellen elő ez ezek ezt ha hanem hogy
igen is itt jól kell ki le lehet lesz mert meg már már mely még mi miatt mint minden most nagyon ne nem nincs olyan ő
ők pedig s sem sok szerint után úgy vagy valamint van vannak volt voltak
acaba ama ancak bana bazı belki ben beri bile bir biri bu bunu bunun çok çünkü da daha de değil diye en gibi göre her
hem hiç için ile ise kadar kendi ki kim mi mı mu mü nasıl ne neden o olan olarak oldu olduğu olduğunu olmak on onlar
onu onun sadece sonra şu tüm var ve veya ya yok
ada adalah agar akan antara apa atau bagi bahwa banyak beberapa belum bisa dalam dan dapat dari dengan di dia hanya
harus ini itu jika juga kami karena ke kepada kita lagi lebih maka masih mereka namun oleh orang pada para pun saat
saja sangat saya sebagai secara sedang sehingga sejak seperti serta setelah suatu sudah telah tetapi tidak untuk yang
bị các cho có của cũng cùng còn đã đang đây để đến đó được do hay hoặc khi không là lại làm lên mà một này nên nếu ngày
người như những này ở phải qua ra rằng rất sau sẽ tại theo thì trên trong từ và vào về vẫn vì với
без бы был была были было быть в вам вас весь во вот все всё всего всех вы где да даже для до его ее её если есть еще
ещё же за и из или им их к как ко когда кто ли либо мне много может мы на над надо наш не него нее нет ни них но ну о об
однако он она они оно от по под после при про с сам свои свой своей своих себя со так также такой там тем то того тоже
той только том тот тут ты у уже хотя чего чем что чтобы эта эти это этого этой этом этот я которые который которая
але або би бо було бути був була були від він вже вона вони все всі до для є за з зі й його її їх із і коли ми має має
на над не ні але ну об однак при про після по під також та так те тим тільки то у цей ці це цього через чи що щоб які
який яка як
ако без бе беше би в ви все във го да дали до докато е една един за защото и из им има как като което които която който
към ли му на най над не него нея ни но обаче от по под поради през при са се си сме след само със с съм също така тази
там те тези то този той това тя у че ще
αλλά αν αντί από απο αυτά αυτές αυτή αυτό αυτοί αυτός αυτών για γιατί δεν είναι είχε εκεί ένα έναν ένας επίσης έχει
έχουν ή ήταν η θα και κάθε κατά κι μας με μέσα μετά μέχρι μη μην μια μία μου να ο οι όμως όπου όπως όταν ότι ούτε
παρά περί πιο πολύ που πριν προς πρέπει πως σαν σας σε σου στα στη στην στις στο στον στους τα τη της την τι τις το
τον τόσο του τους των ως
من في على إلى الى عن مع أن ان إن أنه انه لا لم لن ما هو هي هم هذا هذه ذلك تلك التي الذي الذين كان كانت كما قد لقد بعد
قبل بين حتى عند عندما حيث أو او ثم لكن ولكن وقد وفي ومن وهو وهي وأن وإن ولا وقال قال قالت كل بعض غير أي اي إذا اذا لأن
منذ خلال حول ضد أكثر به بها له لها لهم فيه فيها منها منه عليه عليها إنه أنها انها إنها وكان وكانت وكذلك أيضا أيضاً نحو
دون سوف ليس هناك يكون تكون وذلك بأن فقد كانوا وعلى
از اما آن او است این با باید بر برای بود بودند به پس پیش تا چه خود در دیگر را سپس شد شده شود شدند کرد کرده کردند کند
کنند که گفت ما می نیز نمی های هر هم همین و وی یا یک خواهد دارد دارند هستند اند نیست ها
את של על לא הוא היא הם זה זו זאת כי גם אם או אך אבל כל עם אל מן כמו רק יש אין היה היתה הייתה היו יותר אשר בין לפני
אחרי עד אני אנחנו הן לו לה להם שלא כדי מה מי איך אותו אותה אותם שלו שלה שלהם בו בה כבר עוד מאוד לאחר ידי אולם כך שם
का की के में है हैं को से ने पर और कि यह वह भी नहीं तो ही हो एक इस उस जो कर था थी थे लिए गया गई गए साथ बाद द्वारा तक
अपने अपनी अपना किया कहा रहा रही रहे हुए हुआ हुई होने करने उन्होंने इसके उनके जब अब या लेकिन कुछ सभी दिया जा वे ये कई
आणि आहे ते या हे ती तो होता एक असे मध्ये
এই ও এবং করে থেকে জন্য না হয় তার যে এ কি তিনি করা হয়েছে একটি বলেন সঙ্গে পর
இந்த என்று ஒரு மற்றும் என அவர் உள்ளது இது அந்த
`

// boilerplateWords are the few words of cookie notices, newsletters and legal
// notices that say what they are. A word of each sentence at most is one of
// them in an article about the matter.
const boilerplateWords = `
cookie cookies privacy consent subscribe unsubscribe newsletter newsletters website login logged browser copyright
advertising reserved abonnez inscrivez confidentialité datenschutz einwilligung abonnieren privacidad suscríbete
boletín privacidade iscriviti riservata
`

// maxFunctionWord is the length in bytes beyond which a word in ASCII is not
// looked up.
const maxFunctionWord = 8

const (
	wordFunction    = 1
	wordBoilerplate = 2
	wordKinds       = 3 // mask
)

// wordTable is an open-addressed table of words: in the slot that some bits of
// the mixed value of a word name, or in the next free one, other bits of it,
// and its kind. Two words that agree in all of those bits are taken for each
// other, which costs a few points.
type wordTable [4096]uint32

// add adds the words of a list.
func (t *wordTable) add(list string, kind uint32) {
	for _, w := range strings.Fields(list) {
		var h wordHash
		for i := 0; i < len(w); i++ {
			h.add(w[i])
		}
		slot, tag := wordSlot(h.key())
		for t[slot] != 0 {
			if t[slot]&^wordKinds == tag {
				break // in two languages
			}
			slot = (slot + 1) % uint32(len(t))
		}
		if t[slot] == 0 {
			t[slot] = tag | kind
		}
	}
}

// points returns the points of the word with the key given, other if it is not
// in the table.
func (t *wordTable) points(key uint64, other int32) int32 {
	slot, tag := wordSlot(key)
	for {
		v := t[slot%uint32(len(t))]
		switch {
		case v == 0:
			return other
		case v&^wordKinds == tag:
			if v&wordKinds == wordFunction {
				return ptFunction
			}
			return ptBoilerplate
		}
		slot++
	}
}

// wordHash takes the bytes of a word one by one.
type wordHash struct {
	word, mixed uint64
	n           uint
}

// add adds a byte.
func (h *wordHash) add(c byte) {
	if h.n == 64 {
		h.mixed = (h.mixed ^ h.word) * 0xd6e8feb86659fd93
		h.word, h.n = 0, 0
	}
	h.word |= uint64(c) << h.n
	h.n += 8
}

// key returns the key of the word: its bytes, the first of them lowest, if there
// are no more than eight.
func (h *wordHash) key() uint64 { return h.mixed ^ h.word }

// wordSlot splits a key into a slot and a tag.
func wordSlot(key uint64) (slot, tag uint32) {
	key *= 0x9e3779b97f4a7c15
	return uint32(key >> 52), uint32(key>>20) &^ wordKinds
}
